using System.Globalization;
using Microsoft.AspNetCore.Http;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Explaining;

/// <summary>Reads the timeout of a search from a query string.</summary>
internal static class SearchTimeoutParameter
{
    private const double DefaultSeconds = 30;
    private const double MinSeconds = 0.001;
    private const double MaxSeconds = 300;

    public static OperatorParameter Parameter { get; } =
        new(
            "seconds",
            typeof(double),
            "The timeout in seconds, from 0.001 to 300; 30 by default. After a timeout, the answer has the results "
            + "that were found so far.");

    public static TimeSpan Of(HttpContext http) => TimeSpan.FromSeconds(
        OperatorRequest.Query(http, "seconds") is not { Length: > 0 } text ? DefaultSeconds
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            && seconds is >= MinSeconds and <= MaxSeconds ? seconds
        : throw OperatorRequest.Bad("seconds", "It must be a number from 0.001 to 300."));
}
