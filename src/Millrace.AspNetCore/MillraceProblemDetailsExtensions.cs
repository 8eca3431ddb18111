using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Millrace.AspNetCore;
using Millrace.AspNetCore.OpenApi;
using Millrace.AspNetCore.Operators;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Makes all endpoints of an application report errors and write JSON in the same way as the endpoints of
/// <c>MapCommand</c> and <c>MapQuery</c>.
/// </summary>
public static class MillraceProblemDetailsExtensions
{
    /// <summary>
    /// Writes errors as ProblemDetails with the extra member <c>error</c>, uses the models' JSON metadata, and
    /// describes the models' types in OpenAPI documents. Use it with <see cref="UseMillraceProblemDetails"/>.
    /// </summary>
    public static IServiceCollection AddMillraceProblemDetails(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddProblemDetails(options => options.CustomizeProblemDetails += NameError);
        services.AddExceptionHandler<ProblemHandler>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<JsonOptions>, ModelJsonOptionsSetup>());
        services.TryAddSingleton<SchemaNames>();
        services.TryAddSingleton<ModelSchemas>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<OpenApiOptions>, ModelDocument>());
        return services;
    }

    /// <summary>
    /// Handles exceptions, and adds a ProblemDetails body to each error response without a body, such as the response
    /// for an unknown route.
    /// </summary>
    public static IApplicationBuilder UseMillraceProblemDetails(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        return app.UseExceptionHandler().UseStatusCodePages();
    }

    /// <summary>
    /// Adds a name to the errors that ASP.NET Core reports, such as <c>not-found</c> for an unknown route.
    /// </summary>
    private static void NameError(ProblemDetailsContext context)
    {
        var details = context.ProblemDetails;
        details.Status ??= context.HttpContext.Response.StatusCode;
        details.Type = ProblemWriter.TypeOf(details.Status.Value);
        var name = ReasonPhrases.GetReasonPhrase(details.Status.Value).ToLowerInvariant().Replace(' ', '-');
        details.Extensions.TryAdd("error", name.Length > 0 ? name : "failed");
    }

    /// <summary>
    /// Inserts the models' JSON metadata before all other metadata. The endpoints and the OpenAPI document of the
    /// application then need no reflection for the models' types.
    /// </summary>
    private sealed class ModelJsonOptionsSetup(IServiceProvider services) : IConfigureOptions<JsonOptions>
    {
        public void Configure(JsonOptions options)
        {
            var model = RegisteredModel.Of(services);
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, OperatorJson.Default);
            if (model.Json.TypeInfoResolver is { } resolver)
                options.SerializerOptions.TypeInfoResolverChain.Insert(0, resolver);
            options.SerializerOptions.DefaultIgnoreCondition = model.Json.DefaultIgnoreCondition;
        }
    }
}
