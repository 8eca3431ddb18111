namespace Millrace.Tests;

/// <summary>Weeks of ordinary sales: on working days from 9 to 17 o'clock, in France and Norway.</summary>
internal static class SalesHistory
{
    /// <summary>The first hour of the history.</summary>
    public static DateTimeOffset Monday { get; } = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Appends the sales of some weeks to one stream.</summary>
    public static async Task<ConsistencyToken> Append(KpiApp app, int weeks, int firstWeek = 0)
    {
        var random = new Random(7 + firstWeek);
        var token = default(ConsistencyToken);
        for (var week = firstWeek; week < firstWeek + weeks; week++)
        {
            var sales = new List<object>();
            for (var day = 0; day < 5; day++)
            {
                for (var hour = 9; hour < 17; hour++)
                {
                    var at = Monday.AddDays(7 * week + day).AddHours(hour);
                    sales.Add(new Sold("France", 40 + random.Next(20), at.AddMinutes(10)));
                    sales.Add(new Sold("Norway", 20 + random.Next(10), at.AddMinutes(20)));
                }
            }
            token = await app.Append("sales-1", [.. sales]);
        }
        return token;
    }
}
