namespace Millrace.Consuming.Load;

/// <summary>
/// Finds the smallest number of workers with nearly the highest throughput, by trying more or fewer of them and
/// comparing the events per second. After a trial without success, the next one waits twice as long.
/// </summary>
internal sealed class WorkerSearch(int workers, int min)
{
    private const double MinGain = 1.05;
    private const double MaxLoss = 0.98;
    private const double OtherLoad = 0.3;
    private const double Smoothing = 0.4;
    private const int MaxWait = 32;

    private double _usual; // The smoothed events per second with the present number; 0 if it is unknown.
    private int? _previous; // The number before the trial that is running.
    private double _before; // The events per second before the trial.
    private double _trialed; // The events per second of the first interval of an undecided trial; 0 if there is none.
    private bool _triesMore = true;
    private bool _wasOther;
    private int _wait;
    private int _nextWait = 1;

    /// <summary>Gets the number of workers.</summary>
    public int Workers { get; private set; } = workers;

    /// <summary>Gets whether a trial is running, during which nothing else should change.</summary>
    public bool IsTrying => _previous is not null;

    /// <summary>Reduces the number to a limit. Returns false if it is not above.</summary>
    public bool TryLimit(int max)
    {
        if (Workers <= max)
            return false;
        Workers = Math.Max(1, max);
        (_previous, _usual, _trialed) = (null, 0, 0);
        return true;
    }

    /// <summary>Ends a running trial without a result, because the load has changed.</summary>
    public void Cancel()
    {
        if (_previous is { } previous)
            Workers = previous;
        (_previous, _usual, _trialed) = (null, 0, 0);
    }

    /// <summary>Considers the events per second of an interval with enough events for all workers.</summary>
    public void Observe(double capacity, int max)
    {
        if (_previous is { } previous)
            Decide(previous, capacity);
        else
            Learn(capacity);
        if (_previous is null && _wait-- <= 0)
            Try(max);
    }

    private void Decide(int previous, double capacity)
    {
        var gain = capacity / _before;
        var isMore = Workers > previous;
        if (_trialed == 0 && gain > 0.9 && gain < 1.1)
        {
            _trialed = capacity; // Close: a second interval decides.
            return;
        }
        if (_trialed > 0)
            gain = (gain + (_trialed / _before)) / 2;
        (_previous, _trialed) = (null, 0);
        if (gain >= (isMore ? MinGain : MaxLoss))
        {
            _usual = capacity;
            (_wait, _nextWait) = (0, Math.Max(1, _nextWait / 2));
            return;
        }
        Workers = previous;
        _usual = _before;
        _triesMore = !isMore;
        _wait = _nextWait;
        _nextWait = Math.Min(_nextWait * 2, MaxWait);
    }

    private void Learn(double capacity)
    {
        var isOther = _usual > 0 && Math.Abs((capacity / _usual) - 1) > OtherLoad;
        if (isOther && _wasOther)
        {
            (_usual, _wait, _nextWait) = (capacity, 0, 1);
            _triesMore = true;
            isOther = false;
        }
        else if (!isOther)
        {
            _usual = _usual == 0 ? capacity : _usual + (Smoothing * (capacity - _usual));
        }
        _wasOther = isOther;
    }

    private void Try(int max)
    {
        var next = _triesMore ? More(max) : Fewer();
        if (next == Workers)
        {
            _triesMore = !_triesMore;
            next = _triesMore ? More(max) : Fewer();
        }
        if (next == Workers)
            return;
        (_previous, _before, Workers) = (Workers, _usual, next);
    }

    private int More(int max) => Math.Min(Math.Max(Workers + 1, Workers * 3 / 2), Math.Max(Workers, max));

    private int Fewer() => Math.Max(Math.Min(Workers - 1, Workers * 3 / 4), Math.Min(Workers, min));
}
