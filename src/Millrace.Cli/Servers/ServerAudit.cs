using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Millrace.Cli.Servers;

/// <summary>Reads the audit trail of a running application.</summary>
internal static class ServerAudit
{
    private const int PageEntries = 1_000;

    /// <summary>Reads the matching entries, newest first.</summary>
    public static async IAsyncEnumerable<AuditEntry> ReadBackwards(
        ServerClient server,
        AuditQuery query,
        int limit,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long? before = null;
        for (var left = limit; left > 0;)
        {
            var page = await server.Get(PathOf(query, before, Math.Min(left, PageEntries)), cancellationToken);
            foreach (var entry in page.GetProperty("entries").EnumerateArray())
            {
                yield return EntryOf(entry);
                left--;
            }
            if (!page.TryGetProperty("next", out var next))
                yield break;
            before = next.GetInt64();
        }
    }

    private static string PathOf(AuditQuery query, long? before, int limit) => ServerClient.WithQuery(
        "/audit",
        ("user", query.User),
        ("action", query.Action),
        ("resource", query.Resource),
        ("result", query.Result is { } result ? JsonNamingPolicy.CamelCase.ConvertName(result.ToString()) : null),
        ("since", query.Since?.ToString("O", CultureInfo.InvariantCulture)),
        ("until", query.Until?.ToString("O", CultureInfo.InvariantCulture)),
        ("before", before?.ToString(CultureInfo.InvariantCulture)),
        ("limit", limit.ToString(CultureInfo.InvariantCulture)));

    private static AuditEntry EntryOf(JsonElement json)
    {
        var (address, userAgent) = (TextOf(json, "address"), TextOf(json, "userAgent"));
        return new AuditEntry(
            TextOf(json, "action") ?? "",
            TextOf(json, "resource") ?? "",
            Enum.Parse<AuditResult>(TextOf(json, "result") ?? "", ignoreCase: true))
        {
            Position = json.GetProperty("position").GetInt64(),
            Time = json.GetProperty("time").GetDateTimeOffset(),
            User = TextOf(json, "user"),
            Reason = TextOf(json, "reason"),
            Origin = address is null && userAgent is null ? null : new AuditOrigin(address, userAgent),
            CorrelationId = json.TryGetProperty("correlationId", out var id) ? id.GetGuid() : null,
            Changes = json.TryGetProperty("changes", out var changes)
                ? [.. changes.EnumerateArray().Select(static change => new AuditChange(
                    TextOf(change, "name") ?? "", TextOf(change, "before"), TextOf(change, "after")))]
                : [],
        };
    }

    private static string? TextOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.GetString() : null;
}
