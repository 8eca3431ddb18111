namespace Millrace.Reporting;

/// <summary>
/// The deadline of a request of a data subject (GDPR, article 12(3)): one month after its receipt, or three if it was
/// extended within the first month. A period in months ends with the day of the same date (Regulation 1182/71).
/// </summary>
/// <param name="Due">The last day, in UTC.</param>
/// <param name="IsExtended">Whether the deadline was extended in time.</param>
internal readonly record struct RequestDeadline(DateOnly Due, bool IsExtended)
{
    private const int Months = 1;
    private const int ExtendedMonths = 3;

    /// <param name="received">The time of the receipt.</param>
    /// <param name="extended">The time of the extension; null without an extension.</param>
    public static RequestDeadline Of(DateTimeOffset received, DateTimeOffset? extended)
    {
        var day = DayOf(received);
        var first = day.AddMonths(Months);
        return extended is { } at && DayOf(at) <= first
            ? new RequestDeadline(day.AddMonths(ExtendedMonths), true)
            : new RequestDeadline(first, false);
    }

    /// <param name="ended">The time at which the request ended; null if it is open.</param>
    /// <param name="now">The current time.</param>
    public RequestStatus StatusOf(DateTimeOffset? ended, DateTimeOffset now) => ended is { } end
        ? DayOf(end) <= Due ? RequestStatus.InTime : RequestStatus.Late
        : DayOf(now) <= Due ? RequestStatus.Open : RequestStatus.Overdue;

    private static DateOnly DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);
}
