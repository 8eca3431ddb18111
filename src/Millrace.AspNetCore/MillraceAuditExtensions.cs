using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Millrace.AspNetCore.Auditing;

namespace Millrace;

/// <summary>Extension methods that record what endpoints of the application return.</summary>
public static class MillraceAuditExtensions
{
    /// <summary>
    /// Records in the audit trail that the user receives documents, before each successful response of the endpoint is
    /// sent. Use it for endpoints that read read models without the query bus and return their data in another form.
    /// Without <c>AddAudit</c>, and for documents without marked members, nothing is recorded.
    /// </summary>
    /// <typeparam name="TDocument">The type of the documents.</typeparam>
    /// <param name="builder">The endpoint.</param>
    public static IEndpointConventionBuilder RecordViews<TDocument>(this IEndpointConventionBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Add(endpoint =>
        {
            if (endpoint.RequestDelegate is not { } handle)
                return;
            endpoint.RequestDelegate = http =>
            {
                http.Response.OnStarting(() => Record(http, typeof(TDocument)));
                return handle(http);
            };
        });
        return builder;
    }

    private static async Task Record(HttpContext http, Type documents)
    {
        if (http.Response.StatusCode >= StatusCodes.Status400BadRequest)
            return;
        try
        {
            await DocumentAudit.Record(http, documents).ConfigureAwait(false);
        }
        catch
        {
            http.Abort(); // Without the entry, there is no response.
            throw;
        }
    }
}
