using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Millrace.Cli.Output;

namespace Millrace.Cli.Servers;

/// <summary>Reads the business figures of a running application.</summary>
internal static class ServerKpis
{
    public static async Task<IReadOnlyList<KpiInfo>> List(ServerClient server, CancellationToken cancellationToken) =>
        Read(await server.Get("/kpis", cancellationToken), KpiJson.Default.IReadOnlyListKpiInfo);

    public static async Task<IReadOnlyList<KpiSeries>> Show(
        ServerClient server, KpiQuery query, CancellationToken cancellationToken)
    {
        var path = ServerClient.WithQuery(
            "/kpis" + ServerClient.PathOf(query.Name),
            ("from", Text(query.From)),
            ("to", Text(query.To)),
            ("step", query.Step.ToString().ToLowerInvariant()),
            ("by", query.Dimension),
            ("member", query.Member),
            ("members", query.MaxMembers.ToString(CultureInfo.InvariantCulture)),
            ("weeks", query.Weeks.ToString(CultureInfo.InvariantCulture)));
        return Read(await server.Get(path, cancellationToken), KpiJson.Default.IReadOnlyListKpiSeries);
    }

    private static string Text(DateTimeOffset time) => time.ToString("O", CultureInfo.InvariantCulture);

    private static T Read<T>(JsonElement json, JsonTypeInfo<T> type)
    {
        try
        {
            return json.Deserialize(type) ?? throw new JsonException("The answer is null.");
        }
        catch (JsonException exception)
        {
            throw new CliException(
                ExitCode.Failed,
                $"The answer is not a list of KPIs: {exception.Message}",
                "Use the tool of the same version as the application.");
        }
    }
}
