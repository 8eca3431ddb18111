using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Millrace.Hosting.Configuration;

/// <summary>
/// Applies changes of the configuration while the application runs: all or none. Changes that are not valid are
/// refused, and changes of other settings are reported.
/// </summary>
internal sealed partial class SettingsReloader(
    MillraceConfiguration configuration,
    Func<IEnumerable<ISettingsGroup>> getGroups,
    Func<IEnumerable<IReloadableSettings>> getReloadable,
    ILogger logger) : IHostedService, IDisposable
{
    private readonly Lock _lock = new(); // Held during a reload.
    private IDisposable? _subscription;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription ??= ChangeToken.OnChange(configuration.GetReloadToken, Reload);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _subscription?.Dispose();

    private void Reload()
    {
        lock (_lock)
        {
#pragma warning disable CA1031 // The caller watches files; an error must not end the application.
            try
            {
                Apply();
            }
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.Failed(logger, exception);
            }
        }
    }

    private void Apply()
    {
        var actions = new List<Action>();
        var failures = new List<string>();
        var read = configuration.ReadAgain(() =>
        {
            foreach (var group in getGroups())
                Collect(group.Validate, failures);
            foreach (var reloadable in getReloadable())
                Collect(() => actions.Add(reloadable.Prepare()), failures);
        });
        configuration.Problems = [.. failures.Distinct(StringComparer.Ordinal).Select(configuration.ProblemOf)];
        if (configuration.Problems is { Count: > 0 } problems)
        {
            var texts = string.Join(" ", problems.Select(static problem => problem.Text));
            Log.Refused(logger, texts);
            return;
        }
        foreach (var apply in actions)
            apply();
        var (applied, waiting) = configuration.Accept(read);
        var (appliedKeys, waitingKeys) = (string.Join(", ", applied), string.Join(", ", waiting));
        if (applied.Count > 0)
            Log.Applied(logger, appliedKeys);
        if (waiting.Count > 0)
            Log.Waits(logger, waitingKeys);
    }

    private static void Collect(Action read, List<string> failures)
    {
        try
        {
            read();
        }
        catch (OptionsValidationException exception)
        {
            failures.AddRange(exception.Failures);
        }
#pragma warning disable CA1031 // A value that no validation expects is refused as well.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failures.Add($"The configuration cannot be read: {exception.Message}");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 5031, Level = LogLevel.Information, Message = "Changed settings take effect: {Settings}.")]
        public static partial void Applied(ILogger logger, string settings);

        [LoggerMessage(
            EventId = 5032, Level = LogLevel.Warning,
            Message = "Changed settings take effect after a restart: {Settings}.")]
        public static partial void Waits(ILogger logger, string settings);

        [LoggerMessage(
            EventId = 5033, Level = LogLevel.Warning,
            Message = "The changed configuration was refused, and the previous values remain in effect. {Problems}")]
        public static partial void Refused(ILogger logger, string problems);

        [LoggerMessage(
            EventId = 5034, Level = LogLevel.Error,
            Message = "The changed configuration could not be applied. Restart the application.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
