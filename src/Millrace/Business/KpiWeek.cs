using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Millrace;

/// <summary>A week of ISO 8601, which starts on Monday, such as <c>2011-W49</c>.</summary>
public readonly record struct KpiWeek
{
    private const int TextLength = 8;

    private readonly int _year;
    private readonly int _number;

    /// <summary>Creates a week.</summary>
    /// <param name="year">The year of the week, which can differ from the year of some of its days.</param>
    /// <param name="number">The number, from 1 to 52 or 53.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such week.</exception>
    public KpiWeek(int year, int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(year, KpiReport.MinYear);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(year, KpiReport.MaxYear);
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, ISOWeek.GetWeeksInYear(year));
        (_year, _number) = (year, number);
    }

    /// <summary>Gets the year.</summary>
    public int Year => _year;

    /// <summary>Gets the number in the year.</summary>
    public int Number => _number;

    /// <summary>Gets the first day, a Monday.</summary>
    public DateOnly Monday => DateOnly.FromDateTime(ISOWeek.ToDateTime(_year, _number, DayOfWeek.Monday));

    /// <summary>Returns the week of a day.</summary>
    public static KpiWeek Of(DateOnly day)
    {
        var date = day.ToDateTime(TimeOnly.MinValue);
        return new KpiWeek(ISOWeek.GetYear(date), ISOWeek.GetWeekOfYear(date));
    }

    /// <summary>Returns the week of a text such as <c>2011-W49</c>.</summary>
    /// <exception cref="FormatException">The text is not a week.</exception>
    public static KpiWeek Parse(string text) => TryParse(text, out var week)
        ? week
        : throw new FormatException($"'{text}' is not a week. Write it as 2011-W49.");

    /// <summary>Reads a text such as <c>2011-W49</c>. Returns false if it is not a week.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out KpiWeek week)
    {
        week = default;
        if (text is not { Length: TextLength } || text[4] != '-' || text[5] is not ('W' or 'w')
            || !int.TryParse(text.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var year)
            || !int.TryParse(text.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || year is < KpiReport.MinYear or > KpiReport.MaxYear
            || number < 1 || number > ISOWeek.GetWeeksInYear(year))
            return false;
        week = new KpiWeek(year, number);
        return true;
    }

    /// <summary>Returns an earlier or later week.</summary>
    public KpiWeek Add(int weeks) => Of(Monday.AddDays(7 * weeks));

    /// <inheritdoc/>
    public override string ToString() =>
        _year == 0 ? "no week" : string.Create(CultureInfo.InvariantCulture, $"{_year:0000}-W{_number:00}");
}
