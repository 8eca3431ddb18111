using Millrace.Anomalies;

namespace Millrace;

/// <summary>
/// Finds unusual values in a series, such as the orders of each hour, one value at a time. It learns what is usual from
/// the series itself: the time of the day and of the week, the level, and the course.
/// </summary>
/// <remarks>
/// A detector has a fixed size whatever the length of the series, and the same values always give the same results.
/// A consumer can store <see cref="Save"/> together with its checkpoint. Use one detector for each series, and only one
/// thread at a time.
/// </remarks>
public sealed class AnomalyDetector
{
    private const double MaxMagnitude = 1e100;
    private const double Rounding = 1e-9;
    private readonly AnomalySettings _settings;
    private readonly Expectation _expectation;
    private readonly SlidingWindow _values;
    private readonly SlidingWindow _errors;
    private readonly PatternMemory[] _patterns;
    private readonly TailEstimate[] _tails; // By signal, without AnomalySignal.None.
    private long _count;
    private double _min = MaxMagnitude;
    private long _anomalyCount; // The number of values at the last anomaly; 0 if there was none.
    private long _anomalyTicks;

    /// <summary>Creates a detector that knows nothing of the series yet.</summary>
    public AnomalyDetector()
        : this(AnomalySettings.Default)
    {
    }

    internal AnomalyDetector(AnomalySettings settings)
    {
        _settings = settings;
        _expectation = new(settings);
        _values = new(settings.CalmValues + settings.CalmReference);
        _errors = new(settings.LevelValues);
        _patterns = [.. Enumerable.Range(0, settings.PatternStride).Select(_ => new PatternMemory(settings))];
        _tails = [.. Enumerable.Range(0, (int)AnomalySignal.Stillness).Select(_ => new TailEstimate(settings))];
    }

    /// <summary>Returns how unusual the next value of the series is, and learns from it.</summary>
    /// <param name="time">The time of the value.</param>
    /// <param name="value">
    /// The value. A value that is missing, <see cref="double.NaN"/>, is not unusual, and nothing is learned from it.
    /// </param>
    public AnomalyResult Add(DateTimeOffset time, double value)
    {
        if (double.IsNaN(value))
            return new(0, false, Range(_expectation.Next(time)), AnomalySignal.None);
        value = Math.Clamp(value, -MaxMagnitude, MaxMagnitude);
        var expected = _expectation.Next(time);
        var range = Range(expected);
        _values.Add(value);
        var error = expected is { } likely ? WithoutRounding(value - likely, value, likely) : 0;
        _errors.Add(error);

        var (evidence, signal, most) = (0.0, AnomalySignal.None, 0.0);
        Weigh(AnomalySignal.Value, Math.Abs(error));
        Weigh(AnomalySignal.Level, Math.Abs(Mean(_errors.Values)));
        Weigh(AnomalySignal.Pattern, PatternDistance());
        Weigh(AnomalySignal.Stillness, Stillness());
        _expectation.Add(time, value);
        _min = Math.Min(_min, value);
        _count++;
        return new(evidence / (evidence + _settings.Threshold), Starts(evidence, time), range, signal);

        void Weigh(AnomalySignal kind, double deviation)
        {
            var found = _tails[(int)kind - 1].Add(deviation);
            evidence += found;
            if (found > most)
                (signal, most) = (kind, found);
        }
    }

    /// <summary>Returns what the detector has learned, for <see cref="Load"/>.</summary>
    public byte[] Save()
    {
        var state = new StateTransfer();
        Transfer(state);
        return state.ToArray();
    }

    /// <summary>Returns a detector that continues where a saved one has stopped.</summary>
    /// <param name="state">What <see cref="Save"/> has returned.</param>
    /// <exception cref="AnomalyStateException">The bytes are no state of this version.</exception>
    public static AnomalyDetector Load(ReadOnlyMemory<byte> state)
    {
        var detector = new AnomalyDetector();
        var transfer = new StateTransfer(state);
        detector.Transfer(transfer);
        transfer.EnsureComplete();
        return detector;
    }

    /// <summary>Returns whether evidence starts an anomaly, and is not a part of the last one.</summary>
    private bool Starts(double evidence, DateTimeOffset time)
    {
        if (evidence < _settings.Threshold)
            return false;
        var quiet = Math.Min(_settings.QuietValues, _settings.QuietShare * _count);
        var isSame = _anomalyCount > 0 && _count - _anomalyCount < quiet
            && time.UtcTicks - _anomalyTicks < _settings.QuietTime.Ticks;
        if (isSame)
            return false;
        (_anomalyCount, _anomalyTicks) = (_count, time.UtcTicks);
        return true;
    }

    private ExpectedRange? Range(double? expected)
    {
        var width = _tails[(int)AnomalySignal.Value - 1].Usual;
        if (expected is not { } value)
            return null;
        var lower = value - width;
        return new(_min >= 0 ? Math.Max(0, lower) : lower, value, value + width);
    }

    private double PatternDistance()
    {
        var average = Mean(_values.Last(_settings.PatternStride));
        var distance = _patterns[_count % _settings.PatternStride].Add(average);
        return WithoutRounding(distance, average, average);
    }

    /// <summary>Returns how many times the values before varied as much as the last ones.</summary>
    private double Stillness()
    {
        var before = Deviation(_values.Last(_settings.CalmReference, _settings.CalmValues));
        if (before == 0)
            return 0;
        const double least = 1e-3;
        return before / Math.Max(Deviation(_values.Last(_settings.CalmValues)), least * before);
    }

    private void Transfer(StateTransfer state)
    {
        _expectation.Transfer(state);
        _values.Transfer(state);
        _errors.Transfer(state);
        foreach (var memory in _patterns)
            memory.Transfer(state);
        foreach (var tail in _tails)
            tail.Transfer(state);
        state.Total(ref _count);
        state.Number(ref _min);
        state.Total(ref _anomalyCount);
        state.Number(ref _anomalyTicks);
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values)
            sum += value;
        return sum / Math.Max(1, values.Length);
    }

    private static double Deviation(ReadOnlySpan<double> values)
    {
        var (mean, sum) = (Mean(values), 0.0);
        foreach (var value in values)
            sum += (value - mean) * (value - mean);
        return values.Length < 2 ? 0 : WithoutRounding(Math.Sqrt(sum / values.Length), mean, mean);
    }

    /// <summary>Returns 0 for a difference that can come from rounding.</summary>
    private static double WithoutRounding(double difference, double left, double right)
        => Math.Abs(difference) <= Rounding * Math.Max(Math.Abs(left), Math.Abs(right)) ? 0 : difference;
}
