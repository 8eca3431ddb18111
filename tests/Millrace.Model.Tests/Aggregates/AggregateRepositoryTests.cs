using System.Text;

namespace Millrace.Model.Tests.Aggregates;

public sealed class AggregateRepositoryTests
{
    [Fact]
    public async Task Raised_events_are_saved_and_loaded_again()
    {
        await using var host = await BankHost.Start();
        var account = await host.Aggregates.LoadOrNew<Account, Guid>(Guid.CreateVersion7());
        account.Open("Ada");
        account.Deposit(3);

        var saved = await host.Aggregates.Save<Account, Guid>(account);
        var again = await host.Aggregates.Save<Account, Guid>(account);

        Assert.Equal(2, saved!.Value.Version);
        Assert.Null(again);
        Assert.Equal(3, await host.BalanceOf(account.Id));
    }

    [Fact]
    public async Task The_second_of_two_saves_of_the_same_version_is_refused()
    {
        await using var host = await BankHost.Start();
        var id = await host.Open(balance: 5);
        var first = await host.Aggregates.Load<Account, Guid>(id);
        var second = await host.Aggregates.Load<Account, Guid>(id);
        first.Withdraw(4);
        second.Withdraw(4);

        await host.Aggregates.Save<Account, Guid>(first);
        var refused = await Assert.ThrowsAsync<VersionConflictException>(() =>
            host.Aggregates.Save<Account, Guid>(second));

        Assert.Equal((3, 2), (refused.Actual, refused.Expected.Version));
        Assert.Equal(1, await host.BalanceOf(id));
    }

    [Fact]
    public async Task Loading_an_aggregate_fails_with_the_type_and_position_of_an_unreadable_event()
    {
        await using var host = await BankHost.Start();
        var id = await host.Open();
        var broken = NewEvent.FromBytes("money.deposited", Encoding.UTF8.GetBytes("{}"), "text/plain");
        var appended = await host.Store.Append(StreamId.For("account", id), ExpectedVersion.Any, [broken]);

        var refused = await Assert.ThrowsAsync<CannotDeserializeException>(async () =>
            await host.Aggregates.Load<Account, Guid>(id));

        Assert.Equal(
            ("money.deposited", 1, appended.Position), (refused.EventType, refused.SchemaVersion, refused.Position));
    }

    [Fact]
    public async Task Loading_an_aggregate_or_sending_it_a_command_fails_on_an_event_of_an_unknown_type()
    {
        await using var host = await BankHost.Start();
        var id = await host.Open(balance: 5);
        var unknown = NewEvent.FromBytes("account.frozen", Encoding.UTF8.GetBytes("{}"));
        await host.Store.Append(StreamId.For("account", id), ExpectedVersion.Any, [unknown]);

        await Assert.ThrowsAsync<CannotDeserializeException>(async () => await host.Aggregates.Load<Account, Guid>(id));
        var refused = await Assert.ThrowsAsync<CannotDeserializeException>(
            async () => await host.Commands.Send(new Withdraw(id, 1)));

        Assert.Equal("account.frozen", refused.EventType);
    }

    [Fact]
    public async Task Loading_an_unregistered_aggregate_type_fails_with_advice()
    {
        await using var host = await BankHost.Start();

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await host.Aggregates.Load<UnregisteredAggregate, Guid>(Guid.Empty));

        Assert.Contains("[Stream", refused.Message, StringComparison.Ordinal);
    }

    private sealed class UnregisteredAggregate : Aggregate<Guid>
    {
        protected override void Evolve(object @event)
        {
        }
    }
}
