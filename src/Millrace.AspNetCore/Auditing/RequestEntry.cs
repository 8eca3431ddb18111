using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Millrace.AspNetCore.Auditing;

/// <summary>Records entries about requests.</summary>
internal static class RequestEntry
{
    private const int MaxResource = 600;

    private static readonly TimeSpan RecordTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Records a denied request. Equal requests of callers without a user share an entry, because anyone can send them.
    /// </summary>
    public static ValueTask RecordDenied(
        IAuditTrail trail, AuditEntry entry, HttpContext http, RepeatedEntries repeated) =>
        http.User.Identity?.IsAuthenticated == true
            ? Record(trail, entry)
            : repeated.Record(
                RepeatedEntries.KeyOf(http, entry.Action, entry.Origin?.Address),
                RepeatedEntries.KeyOf(http, entry.Action),
                IntervalOf(http),
                entry,
                each => Record(trail, each));

    /// <summary>
    /// Records a read. Only requests that are equal in everything but the time share an entry, such as those of a page
    /// that refreshes itself.
    /// </summary>
    public static ValueTask RecordRead(
        IAuditTrail trail, AuditEntry entry, HttpContext http, RepeatedEntries repeated) =>
        repeated.Record(
            RepeatedEntries.KeyOf(
                http, entry.User, entry.Action, entry.Origin?.Address, http.Request.Path + http.Request.QueryString),
            shared: null,
            IntervalOf(http),
            entry,
            each => Record(trail, each));

    private static TimeSpan IntervalOf(HttpContext http) =>
        http.RequestServices.GetRequiredService<IOptions<AuditTrailOptions>>().Value.RepeatInterval;

    /// <summary>Records an entry, also if the client has left. A long resource is shortened.</summary>
    public static async ValueTask Record(IAuditTrail trail, AuditEntry entry)
    {
        using var limit = new CancellationTokenSource(RecordTimeout);
        var shortened = entry.Resource.Length > MaxResource
            ? entry with { Resource = string.Concat(entry.Resource.AsSpan(0, MaxResource - 1), "…") }
            : entry;
        await trail.Record(shortened, limit.Token).ConfigureAwait(false);
    }
}
