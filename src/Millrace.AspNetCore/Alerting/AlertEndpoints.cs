using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.AspNetCore.Binding;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Alerting;

/// <summary>
/// The HTTP endpoints for alerts, if the application has added them. They show rules, alerts and their history. If the
/// application allows decisions, operators can also acknowledge and silence alerts, and store rules.
/// </summary>
internal sealed class AlertEndpoints(ILogger logger)
{
    private static readonly TimeSpan DefaultTrial = TimeSpan.FromDays(7);

    public static void Map(OperatorRoutes routes)
    {
        if (!routes.Services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(Alerts)))
            return;
        var alerts = new AlertEndpoints(
            routes.Services.GetRequiredService<ILoggerFactory>().CreateLogger<AlertEndpoints>());
        routes.MapRead("/alerts/rules", ListRules, new("Lists the alert rules with their alerts, by name.")
        {
            Answer = typeof(IReadOnlyList<AlertRuleInfo>),
        });
        routes.MapRead(
            "/alerts/rules/{name}",
            ShowRule,
            new("Returns an alert rule with its alerts. The ETag is the version of a stored rule.")
            {
                Answer = typeof(AlertRuleInfo),
            });
        routes.MapRead("/alerts/history", ListHistory, new("Returns the newest changes of alerts, newest first.")
        {
            Answer = typeof(IReadOnlyList<AlertEntry>),
            Query = [new("limit", typeof(int), "The maximum number of entries, 100 by default.")],
        });
        routes.MapRead("/alerts/silences", ListSilences, new("Lists the silences that have not ended.")
        {
            Answer = typeof(IReadOnlyList<AlertSilence>),
        });
        routes.Try("/alerts/rules/{name}/trial", Try, new(
            "Tries an alert rule on recorded history: when it would have fired. Nothing is stored or sent.")
        {
            Answer = typeof(AlertTrial),
            Body = typeof(AlertTrialRequest),
        });
        alerts.MapDecisions(routes);
    }

    private void MapDecisions(OperatorRoutes routes)
    {
        routes.Decide(HttpMethods.Put, "/alerts/rules/{name}", StoreRule, new(
            "Stores an alert rule. With If-Match, only if the stored rule has this version.")
        {
            Answer = typeof(AlertRuleInfo),
            Body = typeof(AlertRuleRequest),
            Conflict = "The stored rule has another version.",
        });
        routes.Decide(HttpMethods.Delete, "/alerts/rules/{name}", RemoveRule, new(
            "Removes a stored alert rule, so that the rule of code or configuration applies again.")
        {
            Status = StatusCodes.Status204NoContent,
            Conflict = "The stored rule has another version.",
        });
        routes.Decide(HttpMethods.Post, "/alerts/{id}/acknowledge", Acknowledge, new(
            "Acknowledges an alert, so that its notices are neither repeated nor escalated.")
        {
            Answer = typeof(Alert),
        });
        routes.Decide(HttpMethods.Post, "/alerts/silences", Silence, new(
            "Suppresses the notices of matching alerts for a time.")
        {
            Answer = typeof(AlertSilence),
            Body = typeof(SilenceRequest),
        });
        routes.Decide(HttpMethods.Delete, "/alerts/silences/{id}", EndSilence, new("Ends a silence.")
        {
            Status = StatusCodes.Status204NoContent,
        });
    }

    private static Alerts AlertsOf(HttpContext http) => http.RequestServices.GetRequiredService<Alerts>();

    private static async Task ListRules(HttpContext http) =>
        await OperatorResponse.Write(
            http,
            await AlertsOf(http).ListRules(http.RequestAborted).ConfigureAwait(false),
            OperatorJson.Default.IReadOnlyListAlertRuleInfo).ConfigureAwait(false);

    private static async Task ShowRule(HttpContext http) =>
        await Write(http, await Find(http).ConfigureAwait(false)).ConfigureAwait(false);

    private static async Task ListHistory(HttpContext http)
    {
        var limit = (int)OperatorRequest.Number(http, "limit", defaultValue: 100, min: 1, max: Alerts.MaxEntries);
        var entries = await AlertsOf(http).History(limit, http.RequestAborted).ConfigureAwait(false);
        await OperatorResponse
            .Write(http, entries, OperatorJson.Default.IReadOnlyListAlertEntry).ConfigureAwait(false);
    }

    private static async Task ListSilences(HttpContext http) =>
        await OperatorResponse.Write(
            http,
            await AlertsOf(http).ListSilences(http.RequestAborted).ConfigureAwait(false),
            OperatorJson.Default.IReadOnlyListAlertSilence).ConfigureAwait(false);

    private static async Task Try(HttpContext http)
    {
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        var rule = body["rule"] is JsonObject given
            ? Parse(http, given)
            : (await Find(http).ConfigureAwait(false)).Rule;
        var to = OperatorRequest.ReadOptionalTime(body, "to")
            ?? http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var from = OperatorRequest.ReadOptionalTime(body, "from") ?? to - DefaultTrial;
        if (from >= to)
            throw OperatorRequest.BadMember("to", "It must be after the start.");
        var trial = await AlertsOf(http).Try(rule, from, to, http.RequestAborted).ConfigureAwait(false);
        await OperatorResponse.Write(http, trial, OperatorJson.Default.AlertTrial).ConfigureAwait(false);
    }

    private async Task StoreRule(HttpContext http)
    {
        var rule = Parse(http, await JsonBody.Read(http).ConfigureAwait(false));
        OperatorLog.Asked(logger, http, "store the alert rule");
        await AlertsOf(http)
            .StoreRule(rule, OperatorRequest.Caller(http), ExpectedVersion(http), http.RequestAborted)
            .ConfigureAwait(false);
        await ShowRule(http).ConfigureAwait(false);
    }

    private async Task RemoveRule(HttpContext http)
    {
        var name = OperatorRequest.Name(http);
        OperatorLog.Asked(logger, http, "remove the stored alert rule");
        await AlertsOf(http)
            .RemoveRule(name, OperatorRequest.Caller(http), ExpectedVersion(http), http.RequestAborted)
            .ConfigureAwait(false);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task Acknowledge(HttpContext http)
    {
        var id = OperatorRequest.Name(http, "id");
        OperatorLog.Asked(logger, http, "acknowledge the alert", id);
        var alert = await AlertsOf(http).Acknowledge(id, OperatorRequest.Caller(http), http.RequestAborted)
            .ConfigureAwait(false);
        await OperatorResponse.Write(http, alert, OperatorJson.Default.Alert).ConfigureAwait(false);
    }

    private async Task Silence(HttpContext http)
    {
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        var silence = new AlertSilence
        {
            Rule = OperatorRequest.Text(body, "rule"),
            Subject = OperatorRequest.Text(body, "subject"),
            Node = OperatorRequest.Text(body, "node"),
            From = OperatorRequest.ReadOptionalTime(body, "from") ?? default,
            To = OperatorRequest.Time(body, "to"),
            Reason = OperatorRequest.Required(body, "reason"),
            By = OperatorRequest.Caller(http),
        };
        OperatorLog.Asked(logger, http, "silence the alerts of", silence.Rule ?? "all rules");
        try
        {
            var added = await AlertsOf(http).Silence(silence, http.RequestAborted).ConfigureAwait(false);
            await OperatorResponse.Write(http, added, OperatorJson.Default.AlertSilence).ConfigureAwait(false);
        }
        catch (ArgumentException)
        {
            throw OperatorRequest.BadMember(
                "to", "It must be after the start, at most 366 days; the start must be at most 366 days from now.");
        }
    }

    private async Task EndSilence(HttpContext http)
    {
        var id = OperatorRequest.Name(http, "id");
        OperatorLog.Asked(logger, http, "end the silence", id);
        await AlertsOf(http).EndSilence(id, OperatorRequest.Caller(http), http.RequestAborted).ConfigureAwait(false);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task<AlertRuleInfo> Find(HttpContext http)
    {
        var name = OperatorRequest.Name(http);
        return await AlertsOf(http).FindRule(name, http.RequestAborted).ConfigureAwait(false)
            ?? throw new AlertNotFoundException("alert rule", name);
    }

    private static Task Write(HttpContext http, AlertRuleInfo rule)
    {
        http.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{rule.Version}\"");
        return OperatorResponse.Write(http, rule, OperatorJson.Default.AlertRuleInfo);
    }

    private static AlertRule Parse(HttpContext http, JsonObject body) =>
        Alerts.ParseRule(OperatorRequest.Name(http), Encoding.UTF8.GetBytes(body.ToJsonString()));

    /// <summary>Returns the version in If-Match, which is the ETag of a rule; null without the header.</summary>
    private static long? ExpectedVersion(HttpContext http)
    {
        var text = http.Request.Headers.IfMatch.ToString();
        if (text.Length == 0 || text == "*")
            return null;
        return long.TryParse(text.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : throw OperatorRequest.Bad("If-Match", "It must be the ETag of a rule.");
    }
}
