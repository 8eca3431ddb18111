using System.Globalization;
using Microsoft.AspNetCore.Http;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Explaining;

/// <summary>Reads a point in the history from a query string.</summary>
internal static class OperatorHistoryPoint
{
    private const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;

    /// <summary>Returns a position, a time, or now, which is the default.</summary>
    public static HistoryMoment Of(HttpContext http, string name)
    {
        var text = OperatorRequest.Query(http, name);
        if (text is null or "" or "now")
            return HistoryMoment.Now;
        if (long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var position) && position >= 0)
            return HistoryMoment.At(position);
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, Utc, out var time)
            ? HistoryMoment.At(time)
            : throw OperatorRequest.Bad(name, "It must be a position, or a time such as 2011-12-05T10:22:01Z.");
    }
}
