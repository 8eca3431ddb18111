using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Hosting.Access;
using Millrace.Retention;
using Millrace.Security;
using Millrace.Shared.Settings;
using Millrace.Store;

namespace Millrace.Hosting;

/// <summary>
/// Logs a warning for each category of a report or a retention policy that neither the model nor a stream has. It is no
/// error, because a category can have no aggregate and its first stream later.
/// </summary>
internal sealed partial class CategoryCheck(IServiceProvider provider) : IStoreService
{
    /// <summary>Adds the check once.</summary>
    public static void Add(IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(CategoryCheck)))
            return;
        services.AddSingleton(provider => new CategoryCheck(provider));
        services.AddSingleton<IStoreService>(provider => provider.GetRequiredService<CategoryCheck>());
    }

    public async Task Start(CancellationToken cancellationToken)
    {
        var access = provider.GetService<AccessBuilder>() ?? new AccessBuilder();
        var known = new ModelVocabulary(provider.GetRequiredService<ModelCatalog>(), access)
            .Names[AccessRights.WordOf(AccessAction.Read)];
        if (known.Count == 0)
            return; // The application has no model that could contradict the name.
        var financial = provider.GetService<ReportsBuilder>()?.FinancialCategories ?? [];
        var retained = provider.GetService<RetentionSettings>()?.Declaration.Rules ?? [];
        var used = financial.Select(category => (Category: category, User: "reports"))
            .Concat(retained.Where(rule => rule.Target == RetentionTarget.Category)
                .Select(rule => (Category: rule.Name, User: "retention")));
        var store = provider.GetRequiredService<EventStore>();
        var logger = StoreServiceFactory.Loggers(provider).CreateLogger<CategoryCheck>();
        foreach (var (category, user) in used.Where(use => !known.Contains(use.Category, StringComparer.Ordinal)))
        {
            if (await StreamCategories.FindProblem(store, "", category, cancellationToken).ConfigureAwait(false)
                is not { } problem)
                continue;
            var similar = NameSuggestions.To(category, known);
            Log.Unknown(logger, user, similar is null ? problem : $"{problem} Did you mean '{similar}'?");
        }
    }

    public Task Stop(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 17005,
            Level = LogLevel.Warning,
            Message = "The configuration of {Feature} has a category that is not in the model: {Problem}")]
        public static partial void Unknown(ILogger logger, string feature, string problem);
    }
}
