using System.Security.Cryptography;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace LexCustis.Features.OpenApi;

/// <summary>This document: every route, what it takes and what it answers. It is the same for everyone, and changes with the product's version alone.</summary>
internal static class GetOpenApiDocument
{
    private static readonly byte[] Document = Read();
    private static readonly EntityTagHeaderValue Tag = new($"\"{Convert.ToHexStringLower(SHA256.HashData(Document))[..32]}\"");

    public static void MapOpenApi(this WebApplication app) =>
        app.MapGet("/openapi/v1.json", Handle).WithTags("openapi").AnswersFile("application/json").Produces(StatusCodes.Status304NotModified);

    private static FileContentHttpResult Handle(HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-cache";
        return TypedResults.File(Document, "application/json; charset=utf-8", entityTag: Tag);
    }

    /// <summary>Made by <c>scripts/openapi</c> and compiled in: the native binary describes nothing itself.</summary>
    private static byte[] Read()
    {
        using var resource = typeof(GetOpenApiDocument).Assembly.GetManifestResourceStream("openapi.json")!;
        var document = new byte[resource.Length];
        resource.ReadExactly(document);
        return document;
    }
}
