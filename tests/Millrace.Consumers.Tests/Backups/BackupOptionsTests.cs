using System.Globalization;
using Millrace.Storage.Objects;

namespace Millrace.Tests.Backups;

/// <summary>Tests the options of the continuous backup.</summary>
public sealed class BackupOptionsTests
{
    [Theory]
    [InlineData("2030-01-10T12:00:00Z", "2030-01-11T02:00:00Z")] // Three o'clock in Berlin in winter.
    [InlineData("2030-07-10T12:00:00Z", "2030-07-11T01:00:00Z")]
    [InlineData("2030-07-11T01:00:00Z", "2030-07-12T01:00:00Z")]
    public void The_schedule_has_a_time_zone(string after, string expected)
    {
        var options = new BackupOptions
        {
            TableCopySchedule = "0 3 * * *",
            TimeZone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"),
        };

        var next = options.NextCopyAfter(DateTimeOffset.Parse(after, CultureInfo.InvariantCulture));

        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), next);
    }

    [Theory]
    [InlineData("* * * * *", true)]
    [InlineData("30 0 3 * * *", true)]
    [InlineData("* 0 3 * * *", false)]
    [InlineData("0,30 0 3 * * *", false)]
    public void A_schedule_occurs_at_most_once_in_a_minute(string schedule, bool isValid)
    {
        var options = new BackupOptions
        {
            Place = new DirectoryObjectStorage("backups"),
            TableCopySchedule = schedule,
        };

        Assert.Equal(isValid, !options.Problems().Any());
    }

    [Fact]
    public void Copies_of_the_tables_are_thinned_out_by_the_schedule()
    {
        var time = DateTimeOffset.Parse("2030-01-10T13:00:00Z", CultureInfo.InvariantCulture);
        var daily = new BackupOptions();
        var often = new BackupOptions { TableCopySchedule = "0 */6 * * *" };

        Assert.Equal(time.AddHours(11), daily.EndOfCopyInterval(time));
        Assert.Equal(time.AddHours(5), often.EndOfCopyInterval(time));
        Assert.Equal(TimeSpan.FromDays(1), daily.CopyIntervalAt(time));
        Assert.Equal(TimeSpan.FromHours(6), often.CopyIntervalAt(time));
    }

    [Fact]
    public void Invalid_values_are_named()
    {
        var options = new BackupOptions
        {
            Place = new DirectoryObjectStorage("backups"),
            TableCopySchedule = "at night",
            TimeZone = null!,
            MaxChangeBytes = 1024,
            Retention = TimeSpan.MaxValue,
        };

        var problems = string.Join(' ', options.Problems());

        Assert.Contains("TableCopySchedule: ", problems, StringComparison.Ordinal);
        Assert.Contains("at night", problems, StringComparison.Ordinal);
        Assert.Contains("TimeZone: ", problems, StringComparison.Ordinal);
        Assert.Contains("Retention: must be from 1 hour to 36500 days", problems, StringComparison.Ordinal);
        Assert.Contains("MaxChangeBytes: must be at least 16777216, but is 1024.", problems, StringComparison.Ordinal);
    }
}
