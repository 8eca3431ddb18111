using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Auditing;

/// <summary>
/// Records the requests of operators that can change something. The action is the method with the pattern of the
/// route, and the resource is the path. The query string is not recorded, because it can contain keys of users.
/// </summary>
internal sealed class OperatorAudit(string action, string prefix, RequestDelegate handle)
{
    private const int MaxResource = 600;

    public async Task Handle(HttpContext http)
    {
        if (http.RequestServices.GetService<IAuditTrail>() is not { } trail
            || !http.RequestServices.GetRequiredService<IOptions<AuditTrailOptions>>().Value.RecordsOperators)
        {
            await handle(http).ConfigureAwait(false);
            return;
        }
        try
        {
            await handle(http).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            var result = exception is AccessDeniedException ? AuditResult.Denied : AuditResult.Failed;
            await Record(trail, http, result, exception.GetType().Name).ConfigureAwait(false);
            throw;
        }
        var status = http.Response.StatusCode;
        if (status < StatusCodes.Status400BadRequest)
            await Record(trail, http, AuditResult.Succeeded, null).ConfigureAwait(false);
        else
            await Record(
                    trail,
                    http,
                    status == StatusCodes.Status403Forbidden ? AuditResult.Denied : AuditResult.Failed,
                    $"status {status}")
                .ConfigureAwait(false);
    }

    private ValueTask Record(IAuditTrail trail, HttpContext http, AuditResult result, string? reason)
    {
        var path = http.Request.Path.Value ?? "";
        var resource = path.StartsWith(prefix, StringComparison.Ordinal) ? path[prefix.Length..] : path;
        var entry = new AuditEntry(action, resource.Length > MaxResource ? resource[..MaxResource] : resource, result)
        {
            User = OperatorRequest.Caller(http),
            Origin = RequestOrigin.Of(http),
            Reason = reason,
        };
        // The action is done, so that the entry must be recorded even if the client has left.
        return trail.Record(entry, CancellationToken.None);
    }
}
