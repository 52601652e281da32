using System.ComponentModel.DataAnnotations;

namespace LexCustis.Infrastructure.Web;

/// <summary>The four roles, and the names of the authorization policies made of them.</summary>
internal static class Roles
{
    public const string Admin = "admin";
    public const string Compliance = "compliance";
    public const string Member = "member";
    public const string Auditor = "auditor";

    public static bool Exists(string? role) => role is Admin or Compliance or Member or Auditor;
}

/// <summary>A role's name, in the OpenAPI document.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class RoleNameAttribute() : AllowedValuesAttribute(Roles.Admin, Roles.Compliance, Roles.Member, Roles.Auditor);

internal static class Policies
{
    /// <summary>Changes the organization itself: admin.</summary>
    public const string Administers = nameof(Administers);

    /// <summary>Decides on compliance matters: compliance, admin.</summary>
    public const string Oversees = nameof(Oversees);

    /// <summary>Reads the log and what is made of it: compliance, admin, auditor.</summary>
    public const string Audits = nameof(Audits);

    /// <summary>Uses the assistant: everyone but the auditor, who changes nothing.</summary>
    public const string Chats = nameof(Chats);

    /// <summary>Brings documents in and takes them out: member, admin.</summary>
    public const string Contributes = nameof(Contributes);
}
