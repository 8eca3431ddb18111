using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.AspNetCore.Auditing;

/// <summary>Records that a response contains documents with personal data or secrets, before it is sent.</summary>
internal static class DocumentAudit
{
    public static ValueTask Record(HttpContext http, Type documents) =>
        http.RequestServices.GetService<AuditedReads>() is { } reads
            ? reads.Record(documents, http.User, RequestOrigin.Of(http), http.RequestAborted)
            : ValueTask.CompletedTask;
}
