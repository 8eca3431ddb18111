using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Auditing;

/// <summary>Lists the entries of the audit trail, newest first.</summary>
internal sealed class AuditEndpoint
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;

    public static void Map(OperatorRoutes routes)
    {
        if (routes.Services.GetService<IServiceProviderIsService>()?.IsService(typeof(IAuditTrail)) == true)
            routes.MapRead(
                "/audit",
                List,
                new("Lists the entries of the audit trail, newest first.")
                {
                    Answer = typeof(AuditView),
                    Query =
                    [
                        new("user", typeof(string), "Only entries of this user."),
                        new("action", typeof(string), "Only this action, or actions that start like this before a *."),
                        new("resource", typeof(string), "Only entries of this stream or name."),
                        new("result", typeof(string), "Only this result: succeeded, denied or failed."),
                        new("since", typeof(DateTimeOffset), "Only entries of this time or later."),
                        new("until", typeof(DateTimeOffset), "Only entries before this time."),
                        new("before", typeof(long), "The value of 'next' in the answer with the previous page."),
                        new("limit", typeof(int), $"The maximum number of entries, from 1 to {MaxLimit}."),
                    ],
                });
    }

    private static async Task List(HttpContext http)
    {
        var query = new AuditQuery
        {
            User = Text(http, "user"),
            Action = Text(http, "action"),
            Resource = Text(http, "resource"),
            Result = ResultOf(http),
            Since = OperatorRequest.QueryTime(http, "since"),
            Until = OperatorRequest.QueryTime(http, "until"),
        };
        var limit = (int)NumberOf(http, "limit", DefaultLimit, MaxLimit);
        var before = NumberOf(http, "before", long.MaxValue, long.MaxValue);
        var entries = new List<AuditEntryView>();
        var trail = http.RequestServices.GetRequiredService<IAuditTrail>();
        await foreach (var entry in trail.ReadBackwards(query, before, http.RequestAborted).ConfigureAwait(false))
        {
            entries.Add(AuditEntryView.Of(entry));
            if (entries.Count == limit)
                break;
        }
        var next = entries.Count == limit ? entries[^1].Position : (long?)null;
        await OperatorResponse
            .Write(http, new AuditView(entries, next), OperatorJson.Default.AuditView)
            .ConfigureAwait(false);
    }

    private static string? Text(HttpContext http, string name) =>
        http.Request.Query[name].ToString() is { Length: > 0 } text ? text : null;

    private static AuditResult? ResultOf(HttpContext http) => Text(http, "result") switch
    {
        null => null,
        "succeeded" => AuditResult.Succeeded,
        "denied" => AuditResult.Denied,
        "failed" => AuditResult.Failed,
        _ => throw OperatorRequest.Bad("result", "It must be 'succeeded', 'denied' or 'failed'."),
    };

    private static long NumberOf(HttpContext http, string name, long byDefault, long max)
    {
        if (Text(http, name) is not { } text)
            return byDefault;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= 1
            && number <= max
            ? number
            : throw OperatorRequest.Bad(name, $"It must be a whole number from 1 to {max}.");
    }
}

/// <summary>A page of the audit trail.</summary>
[Description("A page of the audit trail.")]
internal sealed record AuditView(
    [property: Description("The entries, newest first.")] IReadOnlyList<AuditEntryView> Entries,
    [property: Description("The value of 'before' for the next page; absent on the last page.")] long? Next);
