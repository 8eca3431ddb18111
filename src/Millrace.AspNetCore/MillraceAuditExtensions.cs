using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore;
using Millrace.AspNetCore.Auditing;

namespace Millrace;

/// <summary>Extension methods that record what endpoints of the application return.</summary>
public static class MillraceAuditExtensions
{
    /// <summary>
    /// Records in the audit trail that the user receives documents, before each successful response of the endpoint is
    /// sent. Use it for endpoints that read read models without the query bus and return their data in another form.
    /// Without <c>AddAudit</c>, and for documents without marked members, nothing is recorded. An endpoint with a type
    /// that no read model has throws <see cref="InvalidOperationException"/> when it is built.
    /// </summary>
    /// <typeparam name="TDocument">The type of the documents, or a type that contains them.</typeparam>
    /// <param name="builder">The endpoint.</param>
    public static IEndpointConventionBuilder RecordViews<TDocument>(this IEndpointConventionBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Add(endpoint =>
        {
            Check(endpoint, typeof(TDocument));
            if (endpoint.RequestDelegate is not { } handle)
                throw Unrecorded(endpoint, "it has no handler yet");
            endpoint.RequestDelegate = http =>
            {
                http.Response.OnStarting(() => Record(http, typeof(TDocument)));
                return handle(http);
            };
        });
        return builder;
    }

    /// <exception cref="InvalidOperationException">Views of the type would never be recorded.</exception>
    private static void Check(EndpointBuilder endpoint, Type documents)
    {
        var services = endpoint.ApplicationServices;
        if (services.GetService<IServiceProviderIsService>()?.IsService(typeof(IAuditTrail)) == true
            && !Contains(RegisteredModel.Of(services), documents, []))
            throw Unrecorded(endpoint, $"'{documents.Name}' neither is nor contains a document of a read model");
    }

    private static InvalidOperationException Unrecorded(EndpointBuilder endpoint, string problem) => new(
        $"RecordViews cannot record the views of '{endpoint.DisplayName}': {problem}. Specify the type of the "
            + "documents that the endpoint reads, not that of its answer.");

    private static bool Contains(ModelCatalog model, Type type, HashSet<Type> visited)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (!visited.Add(type))
            return false;
        if (model.Projections.Any(projection => projection.DocumentType.IsAssignableFrom(type)
            || type.IsAssignableFrom(projection.DocumentType)))
            return true;
        var description = model.Describe(type);
        return (type.GetElementType() is { } element && Contains(model, element, visited))
            || type.GenericTypeArguments.Any(each => Contains(model, each, visited))
            || (description?.Inner is { } inner && Contains(model, inner, visited))
            || description?.Members.Any(member => Contains(model, member.Type, visited)) == true
            || description?.Variants.Any(variant => Contains(model, variant.Type, visited)) == true;
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
