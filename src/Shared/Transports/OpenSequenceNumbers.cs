namespace Millrace.Shared.Transports;

/// <summary>A set of open sequence numbers from 0. Most numbers are added and finished in order.</summary>
internal sealed class OpenSequenceNumbers
{
    private const int CompactThreshold = 256;

    private readonly List<long> _numbers = []; // In order. Finished numbers are stored as complements.
    private int _first; // Earlier numbers are finished.

    /// <summary>Gets the count of open numbers.</summary>
    public int Count { get; private set; }

    /// <summary>Gets the lowest open number, or null if no number is open.</summary>
    public long? First => _first < _numbers.Count ? _numbers[_first] : null;

    /// <summary>Adds a number. A finished number is opened again.</summary>
    public void Add(long number)
    {
        var index = _numbers.Count == 0 || Number(_numbers.Count - 1) < number ? _numbers.Count : LowerBound(number, 0);
        if (index == _numbers.Count)
            _numbers.Add(number);
        else if (Number(index) != number)
            _numbers.Insert(index, number);
        else if (_numbers[index] < 0)
            _numbers[index] = number;
        else
            return;
        _first = Math.Min(_first, index);
        Count++;
    }

    public bool Contains(long number) => Find(number) >= 0;

    /// <summary>Finishes a number. Returns false if it was not open.</summary>
    public bool Finish(long number)
    {
        var index = Find(number);
        if (index < 0)
            return false;
        _numbers[index] = ~number;
        Count--;
        while (_first < _numbers.Count && _numbers[_first] < 0)
            _first++;
        if (_first == _numbers.Count || _first > Math.Max(CompactThreshold, _numbers.Count - _first))
        {
            _numbers.RemoveRange(0, _first);
            _first = 0;
        }
        return true;
    }

    public void Clear()
    {
        _numbers.Clear();
        _first = 0;
        Count = 0;
    }

    /// <summary>Returns the index of an open number, or a negative value if the number is not open.</summary>
    private int Find(long number)
    {
        if (First == number)
            return _first;
        var index = LowerBound(number, _first);
        return index < _numbers.Count && _numbers[index] == number ? index : -1;
    }

    /// <summary>Returns the first index from a lower bound whose number is not less than the given number.</summary>
    private int LowerBound(long number, int low)
    {
        for (var high = _numbers.Count; low < high;)
        {
            var middle = (low + high) / 2;
            if (Number(middle) < number)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    private long Number(int index) => _numbers[index] < 0 ? ~_numbers[index] : _numbers[index];
}
