using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Millrace.TestSupport.Messaging;

/// <summary>
/// Records the measurements of the messages of one destination, by the instrument and the type of an error.
/// </summary>
internal sealed class MeasuredMessages : IDisposable
{
    private readonly ConcurrentDictionary<string, double> _sums = new();
    private readonly ConcurrentDictionary<string, byte> _shapes = new();
    private readonly MeterListener _listener = new();
    private readonly string _destination;

    public MeasuredMessages(string destination)
    {
        _destination = destination;
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == MillraceTelemetry.MeterName
                && instrument.Name.Contains("messaging", StringComparison.Ordinal))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Gets the instruments with their units, kinds and tags.</summary>
    public IReadOnlyList<string> Shapes => [.. _shapes.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Gets the sum of the measurements of an instrument.</summary>
    public double this[string instrument] => _sums.GetValueOrDefault(instrument);

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var (error, matches) = ("", instrument.Name == "millrace.messaging.bodies"); // No destination.
        foreach (var (name, tagValue) in tags)
        {
            matches |= name == "messaging.destination.name" && Equals(tagValue, _destination);
            error = name == "error.type" ? $" {tagValue}" : error;
        }
        if (!matches)
            return;
        _sums.AddOrUpdate(instrument.Name + error, value, (_, sum) => sum + value);
        var names = tags.ToArray().Select(static tag => tag.Key).Order(StringComparer.Ordinal);
        _shapes[
            $"{instrument.Name} {instrument.Unit} {instrument.GetType().Name.Split('`')[0]}: {string.Join(", ", names)}"
        ] = 0;
    }
}
