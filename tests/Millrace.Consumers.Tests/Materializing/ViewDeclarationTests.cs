using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Materializing;

namespace Millrace.Tests.Materializing;

public sealed record Owner(string Name, [property: PersonalData] string Email);

public sealed record OwnedShip(string Ship, IReadOnlyList<Owner> Owners);

[JsonSerializable(typeof(Owner))]
[JsonSerializable(typeof(OwnedShip))]
internal sealed partial class OwnerJson : JsonSerializerContext;

public sealed class ViewDeclarationTests
{
    [Theory]
    [InlineData("Fleets")]
    [InlineData("fleets@1")]
    [InlineData("")]
    public void A_name_that_cannot_be_stored_is_refused(string name) =>
        Assert.Throws<InvalidNameException>(() => new FleetView(ViewRefresh.Manual, name: name));

    [Fact]
    public void Two_views_of_one_name_are_refused()
    {
        var views = new ViewDeclarations();
        views.Add(new FleetView(ViewRefresh.Manual), FleetJson.Default.Fleet);

        var refused = Assert.Throws<ViewDeclarationException>(
            () => views.Add(new FleetView(ViewRefresh.Manual), FleetJson.Default.Fleet));

        Assert.Equal("fleets", refused.View);
    }

    [Fact]
    public void Rows_with_personal_data_are_refused()
    {
        var refused = Assert.Throws<ViewDeclarationException>(
            () => new ViewDeclarations().Add(new OwnersView(), OwnerJson.Default.Owner));

        Assert.Contains("'Email'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_with_personal_data_in_a_part_are_refused()
    {
        var refused = Assert.Throws<ViewDeclarationException>(
            () => new ViewDeclarations().Add(new OwnedShipsView(), OwnerJson.Default.OwnedShip));

        Assert.Contains("'Email'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_of_a_policy_are_reported()
    {
        var policy = ViewRefresh.Scheduled(TimeSpan.FromDays(2)) with { ReadsPerRefresh = 0, Timeout = TimeSpan.Zero };

        var refused = Assert.Throws<ViewDeclarationException>(
            () => new ViewDeclarations().Add(new FleetView(policy), FleetJson.Default.Fleet));

        foreach (var option in (string[])["MaxInterval", "ReadsPerRefresh", "Timeout"])
            Assert.Contains(option, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Indexed_members_are_found_on_parameters_and_properties()
    {
        var views = new ViewDeclarations();

        views.Add(new FleetView(ViewRefresh.Manual), FleetJson.Default.Fleet);

        Assert.Equal(["ships", "crates"], Assert.Single(views.All).Columns.Select(column => column.Name));
    }

    [Theory]
    [InlineData(0, 0, 300)]
    [InlineData(60, 0, 10)]
    [InlineData(600, 0, 5)]
    [InlineData(0.001, 0, 300)]
    [InlineData(60, 3, 30)]
    [InlineData(60, 100, 300)]
    public void The_interval_follows_the_reads_and_leaves_time_between_refreshes(
        double readsPerMinute, double lastSeconds, double expectedSeconds)
    {
        var interval = RefreshSchedule.IntervalOf(
            ViewRefresh.Scheduled(), readsPerMinute, TimeSpan.FromSeconds(lastSeconds));

        Assert.Equal(expectedSeconds, interval.TotalSeconds, precision: 6);
    }

    [Fact]
    public void The_pause_after_failures_doubles_up_to_a_limit()
    {
        var pauses = new[] { 0, 1, 2, 3, 9, 10, int.MaxValue }
            .Select(failures => RefreshSchedule.RetryDelayAfter(failures).TotalSeconds);

        Assert.Equal([0, 1, 2, 4, 256, 256, 256], pauses);
    }

    [Fact]
    public void The_rate_of_steady_reads_is_their_number_per_minute_and_halves_in_five_minutes_without_reads()
    {
        var start = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var use = new ViewUse(0, 0, start);

        for (var second = 1; second <= 3_600; second++)
            use = use.Add(2, start.AddSeconds(second));

        Assert.Equal(7_200, use.Reads);
        Assert.InRange(use.PerMinute, 119, 121);
        Assert.Equal(use.PerMinute / 2, use.RateAt(start.AddHours(1).AddMinutes(5)), precision: 6);
    }

    private sealed class OwnedShipsView() : MaterializedView<string, OwnedShip>("owned-ships")
    {
        protected internal override string Key(OwnedShip row) => row.Ship;

        protected internal override async IAsyncEnumerable<OwnedShip> Rows(
            IViewSource source, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            yield break;
        }
    }

    private sealed class OwnersView() : MaterializedView<string, Owner>("owners")
    {
        protected internal override string Key(Owner row) => row.Name;

        protected internal override async IAsyncEnumerable<Owner> Rows(
            IViewSource source, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            yield break;
        }
    }
}
