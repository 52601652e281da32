using LexCustis.Features.Auth;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Commands;

/// <summary>Creates the demo organization with the address and password that the environment names; does nothing when the address has an account.</summary>
internal static class SeedDemo
{
    public static async Task<int> RunAsync(EnvironmentReader environment)
    {
        var settings = Settings.Read(environment);
        var email = environment.Required("LEXCUSTIS_DEMO_EMAIL", Email.Want);
        var password = environment.Required("LEXCUSTIS_DEMO_PASSWORD", Password.Want);
        if (!Email.IsValid(email))
            throw new SettingException("LEXCUSTIS_DEMO_EMAIL", Email.Want);
        if (!Password.IsValid(password))
            throw new SettingException("LEXCUSTIS_DEMO_PASSWORD", Password.Want);

        var services = new ServiceCollection().AddLogging().AddSingleton(settings).AddSingleton(TimeProvider.System).AddPostgres(settings.Database)
            .AddAuditLog(settings.MasterKeys, settings.Checkpoints).AddAuth();
        services.AddSingleton<AccessTokens>();
        await using var provider = services.BuildServiceProvider();

        if (await provider.GetRequiredService<TenantDirectory>().FindCredentialsAsync(email, CancellationToken.None) is not null)
            return CommandLine.Fine;
        var created = await provider.GetRequiredService<NewOrganization>().CreateAsync("Demo organization", email, password, "Demo admin", CancellationToken.None);
        if (created is not null)
            Console.Out.WriteLine($"created the demo organization of {email}");
        return CommandLine.Fine;
    }
}
