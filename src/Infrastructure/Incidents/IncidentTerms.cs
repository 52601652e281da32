using System.ComponentModel.DataAnnotations;

namespace LexCustis.Infrastructure.Incidents;

/// <summary>A severity's name, in the OpenAPI document.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class IncidentSeverityNameAttribute() : AllowedValuesAttribute(IncidentSeverity.NearMiss, IncidentSeverity.Incident, IncidentSeverity.SeriousIncident);

/// <summary>A category's name, in the OpenAPI document.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class IncidentCategoryNameAttribute() : AllowedValuesAttribute(
    IncidentCategory.Death, IncidentCategory.SeriousHealthHarm, IncidentCategory.CriticalInfrastructure, IncidentCategory.WidespreadInfringement,
    IncidentCategory.FundamentalRights, IncidentCategory.PropertyOrEnvironment, IncidentCategory.Other);

/// <summary>A status's name, in the OpenAPI document.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class IncidentStatusNameAttribute() : AllowedValuesAttribute(IncidentStatus.Open, IncidentStatus.Reported, IncidentStatus.Closed);

/// <summary>How grave it is. Whether an incident is a serious one in the sense of Art. 3(49) is for people to judge.</summary>
internal static class IncidentSeverity
{
    /// <summary>Nothing came of it, and something could have.</summary>
    public const string NearMiss = "near_miss";

    /// <summary>Something went wrong, without a harm that Art. 3(49) names.</summary>
    public const string Incident = "incident";

    /// <summary>A harm that Art. 3(49) names, or the likelihood of one.</summary>
    public const string SeriousIncident = "serious_incident";

    public static readonly string[] All = [NearMiss, Incident, SeriousIncident];
}

/// <summary>What kind of harm, in the words of Art. 3(49) and 73: it decides how long there is to report.</summary>
internal static class IncidentCategory
{
    public const string Death = "death";
    public const string SeriousHealthHarm = "serious_health_harm";
    public const string CriticalInfrastructure = "critical_infrastructure";
    public const string WidespreadInfringement = "widespread_infringement";
    public const string FundamentalRights = "fundamental_rights";
    public const string PropertyOrEnvironment = "property_or_environment";
    public const string Other = "other";

    public static readonly string[] All =
        [Death, SeriousHealthHarm, CriticalInfrastructure, WidespreadInfringement, FundamentalRights, PropertyOrEnvironment, Other];

    /// <summary>
    /// The last moment to report: Art. 73(2), (3) and (4). Days are of 24 hours, counted in UTC from awareness, so that no time zone or
    /// change of clocks moves it. It is counted for every severity: until somebody has judged, the clock runs as if it were serious.
    /// </summary>
    public static DateTimeOffset DeadlineOf(string category, DateTimeOffset awareAt) => awareAt.ToUniversalTime() + TimeSpan.FromDays(DaysOf(category));

    public static int DaysOf(string category) => category switch
    {
        CriticalInfrastructure or WidespreadInfringement => 2,
        Death => 10,
        _ => 15,
    };

    /// <summary>Where the days come from.</summary>
    public static string ArticleOf(string category) => category switch
    {
        CriticalInfrastructure or WidespreadInfringement => "Art. 73(3)",
        Death => "Art. 73(4)",
        _ => "Art. 73(2)",
    };
}

/// <summary>How far it has come.</summary>
internal static class IncidentStatus
{
    public const string Open = "open";

    /// <summary>The authority was informed.</summary>
    public const string Reported = "reported";

    public const string Closed = "closed";

    public static readonly string[] All = [Open, Reported, Closed];

    /// <summary>What may follow. A closed incident can be opened again; a report that was sent cannot be unsent.</summary>
    public static string[] AllowedAfter(string status) => status switch
    {
        Open => [Reported, Closed],
        Reported => [Closed],
        _ => [Open],
    };
}
