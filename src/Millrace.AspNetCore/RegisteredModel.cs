using Microsoft.Extensions.DependencyInjection;

namespace Millrace.AspNetCore;

/// <summary>Returns the model of the application, with a clear error if the application has none.</summary>
internal static class RegisteredModel
{
    /// <exception cref="InvalidOperationException">The application does not call <c>AddMillrace</c>.</exception>
    public static ModelCatalog Of(IServiceProvider services) =>
        services.GetService<ModelCatalog>()
        ?? throw new InvalidOperationException(
            "Millrace is not registered. Call builder.Services.AddMillrace(…) before builder.Build().");
}
