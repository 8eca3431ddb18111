using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Millrace.Messaging;
using Millrace.Queries;

namespace Millrace.Hosting.Configuration;

/// <summary>
/// Validates all options when the host starts, before a store is opened, and reports all errors together.
/// </summary>
internal sealed class ConfigurationValidator(IServiceProvider provider) : IStartupValidator
{
    private readonly List<string> _failures = [];
    private Type _options = typeof(StoreOptions);

    /// <exception cref="MillraceConfigurationException">The configuration has errors.</exception>
    public void Validate()
    {
        foreach (var validator in provider.GetServices<IStartupValidator>())
        {
            if (validator is not ConfigurationValidator)
                Collect(validator.Validate);
        }
        CreateAdapters();
        if (_failures.Count == 0)
            return;
        var configuration = provider.GetRequiredService<MillraceConfiguration>();
        var problems = _failures.Distinct(StringComparer.Ordinal).Select(configuration.ProblemOf).ToList();
        throw new MillraceConfigurationException(problems, problems.Select(static problem => problem.Text), _options);
    }

    /// <summary>Creates the services of adapters, which read and validate their own sections.</summary>
    private void CreateAdapters()
    {
        if (provider.GetService<MillraceBuilder>() is not { HasTenants: false } builder
            || provider.GetService<StreamShards>() is not null)
            return;
        if (builder.HasTransports)
            Collect(() => provider.GetService<Transports>());
        Collect(() => provider.GetService<IServiceRegistry>());
        Collect(() => provider.GetService<QueryCache>());
    }

    private void Collect(Action validate)
    {
        try
        {
            validate();
        }
        catch (OptionsValidationException exception)
        {
            Add(exception);
        }
        catch (AggregateException exception)
            when (exception.InnerExceptions.All(static inner => inner is OptionsValidationException))
        {
            foreach (var inner in exception.InnerExceptions.OfType<OptionsValidationException>())
                Add(inner);
        }
#pragma warning disable CA1031 // Another failure can be a consequence of the errors, which are reported.
        catch (Exception) when (_failures.Count > 0)
#pragma warning restore CA1031
        {
        }
    }

    private void Add(OptionsValidationException exception)
    {
        if (_failures.Count == 0)
            _options = exception.OptionsType;
        _failures.AddRange(exception.Failures);
    }
}
