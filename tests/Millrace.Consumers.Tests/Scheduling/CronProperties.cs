using System.Globalization;
using Millrace.Scheduling;

namespace Millrace.Tests.Scheduling;

/// <summary>
/// Tests of the times of random valid expressions. The expected times come from a clock that is read each minute, and
/// from the former parser.
/// </summary>
public sealed class CronProperties
{
    private const int MinutesAfter = 60 * 60; // Two and a half days.
    private static readonly int Cases = TestRun.IsLong ? 20_000 : 400;

    private static readonly string[] Zones =
    [
        "UTC",
        "Europe/Berlin",
        "Europe/Dublin",
        "America/New_York",
        "America/Santiago",
        "America/Havana",
        "Australia/Lord_Howe",
        "Africa/Cairo",
        "Africa/Casablanca",
        "Asia/Beirut",
        "Asia/Kolkata",
        "Asia/Tehran",
        "Pacific/Apia",
        "Pacific/Chatham",
        "Antarctica/Troll",
    ];

    private static readonly string[] Months =
    [
        "JAN",
        "FEB",
        "MAR",
        "APR",
        "MAY",
        "JUN",
        "JUL",
        "AUG",
        "SEP",
        "OCT",
        "NOV",
        "DEC",
    ];
    private static readonly string[] Days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    [Fact]
    public void The_times_equal_the_times_of_a_minute_by_minute_clock()
    {
        for (var seed = 1; seed <= Cases; seed++)
        {
            var random = new Random(seed);
            var times = CronSets.Draw(random);
            var zone = TimeZoneInfo.FindSystemTimeZoneById(Zones[random.Next(Zones.Length)]);
            var after = DrawTime(random, zone);
            var expected = times.ReadClock(zone, after, MinutesAfter);
            foreach (var cron in (string[])[times.Write(random), times.Write(random)])
            {
                var until = after.AddMinutes(MinutesAfter);
                var actual = TimesOf(cron, zone, after, until);
                Assert.True(
                    expected.SequenceEqual(actual),
                    $"Seed {seed}: '{cron}' in {zone.Id} after {after:O}: expected "
                        + $"{Format(expected)}; got {Format(actual)}."
                );
            }
        }
    }

    [Fact]
    public void The_times_equal_the_approved_times_of_the_former_parser()
    {
        var lines = File.ReadAllLines(RepositoryRoot.PathOf(
            "tests", "Millrace.Consumers.Tests", "Scheduling", "Approved", "CronTimes.txt"));
        foreach (var line in lines)
        {
            var parts = line.Split(" | ");
            var (cron, zone) = (CronExpression.Parse(parts[0]), TimeZoneInfo.FindSystemTimeZoneById(parts[1]));
            var time = Utc(parts[2]);
            foreach (var expected in parts[3].Split(' '))
            {
                time = cron.NextAfter(time, zone)!.Value;
                Assert.True(Utc(expected) == time, $"{line}: {time:O}");
            }
        }
        Assert.True(lines.Length > 800);
    }

    private static List<DateTimeOffset> TimesOf(
        string cron, TimeZoneInfo zone, DateTimeOffset after, DateTimeOffset until)
    {
        var (expression, times) = (CronExpression.Parse(cron), new List<DateTimeOffset>());
        for (var next = expression.NextAfter(after, zone); next <= until; next = expression.NextAfter(next.Value, zone))
            times.Add(next.Value);
        return times;
    }

    /// <summary>Returns a random time. Half of the times are within a day before a clock change.</summary>
    private static DateTimeOffset DrawTime(Random random, TimeZoneInfo zone)
    {
        var time = new DateTimeOffset(2005, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(random.Next(60 * 24 * 365 * 25));
        if (random.Next(2) == 0)
            return time;
        for (var hours = 0; hours < 24 * 366; hours += 6)
        {
            var later = time.AddHours(hours);
            if (zone.GetUtcOffset(later) != zone.GetUtcOffset(later.AddHours(6)))
                return later.AddMinutes(-random.Next(60 * 24));
        }
        return time;
    }

    private static string Format(List<DateTimeOffset> times) =>
        string.Join(", ", times.Select(time => $"{time:MM-dd HH:mm}"));

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text + "Z", CultureInfo.InvariantCulture);

    /// <summary>The values of the fields of an expression. A null set means any value.</summary>
    private sealed record CronSets(int[]? Minutes, int[]? Hours, int[]? MonthDays, int[]? Months, int[]? Weekdays)
    {
        public static CronSets Draw(Random random) => new(
            DrawSet(random, 0, 59, 2), DrawSet(random, 0, 23, 2), DrawSet(random, 1, 28, 4), DrawSet(random, 1, 12, 5),
            DrawSet(random, 0, 6, 4));

        /// <summary>
        /// Returns the times after a given time. Reads a clock each minute, independently of the tested code.
        /// </summary>
        public List<DateTimeOffset> ReadClock(TimeZoneInfo zone, DateTimeOffset after, int minutes)
        {
            var (times, latestClock) = (new List<DateTimeOffset>(), DateTime.MinValue);
            for (var time = Floor(after).AddDays(-2); time <= after.AddMinutes(minutes); time = time.AddMinutes(1))
            {
                var clock = TimeZoneInfo.ConvertTime(time, zone).DateTime;
                var isTime = Hours is null ? Matches(clock) : clock > latestClock && AnyMatches(latestClock, clock);
                latestClock = clock > latestClock ? clock : latestClock;
                if (isTime && time > after)
                    times.Add(time);
            }
            return times;
        }

        /// <summary>Writes the sets as an expression, in one of many equivalent forms.</summary>
        public string Write(Random random) =>
            string.Join(
                random.Next(5) == 0 ? "  " : " ",
                Write(random, Minutes, 0, 59, null),
                Write(random, Hours, 0, 23, null),
                Write(random, MonthDays, 1, 31, null),
                Write(random, Months, 1, 12, CronProperties.Months),
                Write(random, Weekdays, 0, 6, Days));

        /// <summary>Returns whether a time that the clock reached or skipped matches.</summary>
        private bool AnyMatches(DateTime latestClock, DateTime clock)
        {
            var from = latestClock == DateTime.MinValue ? clock : latestClock.AddMinutes(1);
            for (; from <= clock; from = from.AddMinutes(1))
            {
                if (Matches(from))
                    return true;
            }
            return false;
        }

        private bool Matches(DateTime clock) =>
            Has(Minutes, clock.Minute) && Has(Hours, clock.Hour) && Has(Months, clock.Month)
            && (MonthDays is null || Weekdays is null
                ? Has(MonthDays, clock.Day) && Has(Weekdays, (int)clock.DayOfWeek)
                : Has(MonthDays, clock.Day) || Has(Weekdays, (int)clock.DayOfWeek));

        private static bool Has(int[]? values, int value) => values is null || values.Contains(value);

        private static DateTimeOffset Floor(DateTimeOffset time) =>
            new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMinute), TimeSpan.Zero);

        /// <summary>
        /// Returns null (any value) in some cases; otherwise the values of a step or a random selection.
        /// </summary>
        private static int[]? DrawSet(Random random, int first, int last, int oneIn)
        {
            if (random.Next(oneIn) != 0)
                return null;
            var step = random.Next(1, Math.Max(2, (last - first + 1) / 2));
            var values =
                random.Next(2) == 0
                    ? Enumerable.Range(first, last - first + 1).Where(value => (value - first) % step == 0).ToArray()
                    : Enumerable
                        .Range(first, last - first + 1)
                        .Where(_ => random.Next(4) == 0)
                        .Append(first)
                        .Distinct()
                        .Order()
                        .ToArray();
            return values.Length == last - first + 1 ? values[1..] : values;
        }

        private static string Write(Random random, int[]? values, int first, int last, string[]? names)
        {
            if (values is null)
                return random.Next(3) switch { 0 => "*", 1 => $"{first}-{last}", _ => "*/1" };
            var step = values.Length > 1 ? values[1] - values[0] : 0;
            var isEven = values.Length > 1 && values[0] == first && values[^1] + step > last
                && values.Zip(values.Skip(1), (value, next) => next - value).All(gap => gap == step);
            if (isEven && random.Next(3) != 0)
                return random.Next(2) == 0 ? $"*/{step}" : $"{first}-{last}/{step}";
            return string.Join(',', Ranges(random, values, names).OrderBy(_ => random.Next()));
        }

        private static IEnumerable<string> Ranges(Random random, int[] values, string[]? names)
        {
            for (var index = 0; index < values.Length; index++)
            {
                var start = index;
                while (index + 1 < values.Length && values[index + 1] == values[index] + 1 && random.Next(4) != 0)
                    index++;
                yield return start == index
                    ? Name(random, values[index], names)
                    : $"{Name(random, values[start], names)}-{values[index]}";
            }
        }

        private static string Name(Random random, int value, string[]? names) =>
            names is not null && random.Next(2) == 0
                ? names[value - (names.Length == 12 ? 1 : 0)]
                : value.ToString(CultureInfo.InvariantCulture);
    }
}
