using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.AspNetCore.Auditing;
using Millrace.AspNetCore.Binding;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Reporting;

/// <summary>The HTTP endpoints for reports, if the application has added reports.</summary>
internal sealed class ReportEndpoints(ILogger logger)
{
    private const string Page = "html";

    public static void Map(OperatorRoutes routes)
    {
        if (!routes.Services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(Reports)))
            return;
        OperatorParameter[] period =
        [
            new("from", typeof(DateTimeOffset), "The start of the period, inclusive."),
            new("to", typeof(DateTimeOffset), "The end of the period, exclusive."),
            new("format", typeof(string), "html for a page; JSON by default."),
        ];
        routes.MapRead(
            "/reports/gdpr",
            http => Write(http, new ReportRequest(ReportKind.Gdpr)),
            new("Writes the report about personal data, and records it in the audit trail.") { Query = period });
        routes.MapRead(
            "/reports/sox",
            http => Write(
                http,
                new ReportRequest(ReportKind.Sox)
                {
                    VerifiesSeals = !OperatorRequest.Flag(http, "skipVerification"),
                }),
            new("Writes the report about financial data, and records it in the audit trail.")
            {
                Query =
                [
                    .. period,
                    new("skipVerification", typeof(bool), "Does not compare the log with its seals."),
                ],
            });
        routes.MapRead(
            "/reports/retention",
            http => Write(http, new ReportRequest(ReportKind.Retention)),
            new("Writes the report about retention, and records it in the audit trail.") { Query = period });
        var reports = new ReportEndpoints(
            routes.Services.GetRequiredService<ILoggerFactory>().CreateLogger<ReportEndpoints>());
        routes.Decide(
            HttpMethods.Post,
            "/reports/deadlines/{erasure}/extend",
            reports.Extend,
            new("Extends the deadline of a request to erase data from one to three months.")
            {
                Status = 204,
                Body = typeof(DecisionRequest),
            });
    }

    private static async Task Write(HttpContext http, ReportRequest request)
    {
        var format = OperatorRequest.Query(http, "format") switch
        {
            null or "json" => ReportFormat.Json,
            Page => ReportFormat.Html,
            _ => throw OperatorRequest.Bad("format", "It must be 'json' or 'html'."),
        };
        request = request with
        {
            From = OperatorRequest.QueryTime(http, "from"),
            To = OperatorRequest.QueryTime(http, "to"),
            Format = format,
            By = OperatorRequest.Caller(http),
            Origin = RequestOrigin.Of(http),
        };
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        if (request.From >= (request.To ?? now))
            throw OperatorRequest.Bad("to", "The period must end after its start.");
        http.Response.ContentType =
            format == ReportFormat.Html ? "text/html; charset=utf-8" : "application/json; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";
        await http.RequestServices.GetRequiredService<Reports>()
            .Write(request, http.Response.Body, http.RequestAborted)
            .ConfigureAwait(false);
    }

    private async Task Extend(HttpContext http)
    {
        var erasure = OperatorRequest.Name(http, "erasure");
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        var reason = OperatorRequest.Required(body, "reason");
        OperatorLog.Asked(logger, http, "extend the deadline of the request", erasure);
        await http.RequestServices.GetRequiredService<Reports>()
            .ExtendDeadline(erasure, reason, OperatorRequest.Caller(http), http.RequestAborted)
            .ConfigureAwait(false);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
