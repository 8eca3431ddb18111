using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Commerce.Tests.Trust;

/// <summary>
/// Writes everything that exporters of OpenTelemetry receive into a file: all activities with their tags, events and
/// links, all measurements with their tags, and all logs with their scopes and errors.
/// </summary>
internal sealed class TelemetryFile : ILoggerProvider, ISupportExternalScope
{
    private readonly StreamWriter _file;
    private readonly ActivityListener _activities;
    private readonly MeterListener _meters = new();
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public TelemetryFile(string path)
    {
        _file = new StreamWriter(path, append: false, Encoding.UTF8) { AutoFlush = true };
        _activities = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Write,
        };
        ActivitySource.AddActivityListener(_activities);
        _meters.InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument);
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Write(instrument, value, tags));
        _meters.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Write(instrument, value, tags));
        _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Write(instrument, value, tags));
        _meters.Start();
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    /// <summary>Writes the values of gauges.</summary>
    public void ReadGauges() => _meters.RecordObservableInstruments();

    public void Dispose()
    {
        _activities.Dispose();
        _meters.Dispose();
        lock (_file)
            _file.Dispose();
    }

    private void Write(Activity activity)
    {
        var text = new StringBuilder($"trace {activity.Source.Name} {activity.OperationName} {activity.DisplayName} ")
            .Append(activity.StatusDescription);
        foreach (var (name, value) in activity.TagObjects)
            text.Append($" {name}={value}");
        foreach (var (name, value) in activity.Baggage)
            text.Append($" {name}={value}");
        foreach (var happened in activity.Events)
            text.Append($" {happened.Name} {string.Join(' ', happened.Tags)}");
        foreach (var link in activity.Links)
            text.Append($" {string.Join(' ', link.Tags ?? [])}");
        WriteLine(text.ToString());
    }

    private void Write<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder($"metric {instrument.Meter.Name} {instrument.Name} {value}");
        foreach (var (name, tag) in tags)
            text.Append($" {name}={tag}");
        WriteLine(text.ToString());
    }

    private void WriteLine(string line)
    {
        lock (_file)
        {
            if (_file.BaseStream is { CanWrite: true })
                _file.WriteLine(line);
        }
    }

    private sealed class Logger(TelemetryFile file, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => file._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            var text = new StringBuilder($"log {category} {logLevel} {formatter(state, exception)} {exception}");
            if (state is IEnumerable<KeyValuePair<string, object?>> values)
                text.AppendJoin(' ', values);
            file._scopes.ForEachScope(static (scope, to) => to.Append(' ').Append(scope), text);
            file.WriteLine(text.ToString());
        }
    }
}
