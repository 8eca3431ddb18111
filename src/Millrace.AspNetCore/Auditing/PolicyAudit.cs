using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace.AspNetCore.Access;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Auditing;

/// <summary>
/// Records requests that an authorization policy of ASP.NET Core denied before their endpoint ran: of the routes for
/// operators, and of endpoints whose policies are permissions.
/// </summary>
internal static partial class PolicyAudit
{
    private static readonly object HasRun = new();

    /// <summary>Notes that the endpoint of the request runs, so that its result is recorded there.</summary>
    public static void MarkRunning(HttpContext http) => http.Items[HasRun] = true;

    /// <summary>Runs the rest of the pipeline, and records the request if a policy denied it.</summary>
    public static async Task Handle(HttpContext http, RequestDelegate then)
    {
        await then(http).ConfigureAwait(false);
        if (http.Response.StatusCode is not (StatusCodes.Status401Unauthorized
            or StatusCodes.Status403Forbidden
            or StatusCodes.Status302Found) || http.Items.ContainsKey(HasRun))
            return;
        if (http.GetEndpoint() is { } endpoint && PolicyOf(endpoint, http.Response.StatusCode) is { } policy)
            await Record(http, endpoint, policy).ConfigureAwait(false);
    }

    /// <summary>Returns the policy whose denials are recorded; null if there is none.</summary>
    private static string? PolicyOf(Endpoint endpoint, int status)
    {
        var policies = endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>();
        var permission = policies.FirstOrDefault(static data => AccessPolicyProvider.IsPermission(data.Policy));
        if (permission is not null)
            // An endpoint of the application can also redirect.
            return status == StatusCodes.Status302Found ? null : permission.Policy;
        return endpoint.Metadata.GetMetadata<AuditedOperator>() is null
            ? null
            : policies.Select(static data => data.Policy).FirstOrDefault(static name => name is not null) ?? "default";
    }

    private static async Task Record(HttpContext http, Endpoint endpoint, string policy)
    {
        var services = http.RequestServices;
        if (services.GetService<IServiceProviderIsService>()?.IsService(typeof(IAuditTrail)) != true
            || !services.GetRequiredService<IOptions<AuditTrailOptions>>().Value.RecordsDenials)
            return;
        var path = http.Request.Path.Value ?? "/";
        var route = endpoint.Metadata.GetMetadata<AuditedOperator>();
        var pattern = (endpoint as RouteEndpoint)?.RoutePattern.RawText ?? endpoint.DisplayName ?? "endpoint";
        var entry = new AuditEntry(
            route?.Action ?? $"http.{http.Request.Method} {pattern}",
            route?.ResourceOf(path) ?? path,
            AuditResult.Denied)
        {
            User = http.User.Identity?.IsAuthenticated == true ? OperatorRequest.Caller(http) : null,
            Origin = RequestOrigin.Of(http),
            Reason = $"the authorization policy '{policy}' is not met.",
        };
        try
        {
            await RequestEntry.Record(services.GetRequiredService<IAuditTrail>(), entry).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The caller has its denial. Any failure is logged.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotRecorded(
                services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(PolicyAudit)),
                exception,
                entry.Action);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 14005, Level = LogLevel.Error,
            Message = "The audit trail has no entry of the denied '{Action}': it could not be recorded.")]
        public static partial void NotRecorded(ILogger logger, Exception exception, string action);
    }
}
