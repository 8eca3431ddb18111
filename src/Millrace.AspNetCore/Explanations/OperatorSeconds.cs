using Microsoft.AspNetCore.Http;

namespace Millrace.AspNetCore;

/// <summary>How many seconds a search may take, in a query string.</summary>
internal static class OperatorSeconds
{
    private const long Usual = 30;
    private const long Most = 300;

    public static OperatorParameter Parameter { get; } = new(
        "seconds", typeof(int), "The most seconds to search; from 1 to 300, 30 by default. Then what was found so far is told.");

    public static TimeSpan Of(HttpContext http) => TimeSpan.FromSeconds(OperatorRequest.Number(http, "seconds", Usual, 1, Most));
}
