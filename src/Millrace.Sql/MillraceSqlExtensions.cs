using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Millrace.Sql;

namespace Millrace;

/// <summary>Adds SQL over the store.</summary>
public static class MillraceSqlExtensions
{
    /// <summary>
    /// Adds <see cref="ISqlService"/>, which answers SQL statements about the store of the current tenant. With
    /// operator routes, operators can send statements. The last call applies.
    /// </summary>
    /// <param name="millrace">The application.</param>
    /// <param name="configure">Sets the limits.</param>
    /// <exception cref="ArgumentException">A limit is out of range.</exception>
    public static MillraceBuilder UseSql(this MillraceBuilder millrace, Action<SqlOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        var options = new SqlOptions();
        configure?.Invoke(options);
        options.Validate();
        millrace.Services.RemoveAll<StatementGate>();
        millrace.Services.RemoveAll<ISqlServiceFactory>();
        millrace.Services.RemoveAll<ISqlService>();
        millrace.Services.AddSingleton(_ => new StatementGate(options.MaxConcurrency));
        millrace.Services.AddSingleton<ISqlServiceFactory>(provider => new StoreSqlServiceFactory(
            options,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<StatementGate>()));
        millrace.Services.AddTransient(provider =>
            provider.GetRequiredService<ISqlServiceFactory>().Create(provider.GetRequiredService<EventStore>()));
        return millrace;
    }
}
