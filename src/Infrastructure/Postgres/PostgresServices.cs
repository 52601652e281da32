using Npgsql;

namespace LexCustis.Infrastructure.Postgres;

internal static class PostgresServices
{
    public static IServiceCollection AddPostgres(this IServiceCollection services, DatabaseUrl url) => services
        .AddSingleton(_ => Open(url))
        .AddSingleton<TenantDatabase>()
        .AddSingleton<TenantDirectory>();

    public static NpgsqlDataSource Open(DatabaseUrl url)
    {
        var options = new NpgsqlConnectionStringBuilder(url.ConnectionString)
        {
            // Statements that come again are prepared by themselves, once a connection.
            MaxAutoPrepare = 100,
            AutoPrepareMinUsages = 2,
            // A database that is away is a clear error within seconds, not a request that hangs.
            CommandTimeout = 30,
        };

        var builder = new NpgsqlSlimDataSourceBuilder(options.ConnectionString);
        builder.EnableArrays();
        builder.EnableTransportSecurity();
        return builder.Build();
    }
}
