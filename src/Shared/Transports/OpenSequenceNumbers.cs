namespace Millrace.Adapters;

/// <summary>A set of open numbers from 0, which are mostly added and finished in order.</summary>
internal sealed class OpenSequenceNumbers
{
    private const int CompactThreshold = 256;

    private readonly List<long> _numbers = []; // In order; finished numbers are stored as complements.
    private int _first; // Earlier ones are finished.

    /// <summary>Gets the count of open numbers.</summary>
    public int Count { get; private set; }

    /// <summary>Gets the lowest open number.</summary>
    public long? First => _first < _numbers.Count ? _numbers[_first] : null;

    /// <summary>Adds a number. A finished number is opened again.</summary>
    public void Add(long number)
    {
        var place = _numbers.Count == 0 || Number(_numbers.Count - 1) < number ? _numbers.Count : PlaceOf(number, 0);
        if (place == _numbers.Count)
            _numbers.Add(number);
        else if (Number(place) != number)
            _numbers.Insert(place, number);
        else if (_numbers[place] < 0)
            _numbers[place] = number;
        else
            return;
        _first = Math.Min(_first, place);
        Count++;
    }

    public bool Contains(long number) => Find(number) >= 0;

    /// <summary>Finishes a number; returns false if it was not open.</summary>
    public bool Finish(long number)
    {
        var place = Find(number);
        if (place < 0)
            return false;
        _numbers[place] = ~number;
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

    /// <summary>Returns the index of an open number; negative if it is not open.</summary>
    private int Find(long number)
    {
        if (First == number)
            return _first;
        var place = PlaceOf(number, _first);
        return place < _numbers.Count && _numbers[place] == number ? place : -1;
    }

    /// <summary>Returns the first index, from a lower bound on, whose number is not less than a number.</summary>
    private int PlaceOf(long number, int low)
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

    private long Number(int place) => _numbers[place] < 0 ? ~_numbers[place] : _numbers[place];
}
