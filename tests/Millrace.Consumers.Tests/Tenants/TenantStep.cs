using System.Text;

namespace Millrace.Tests;

public enum TenantStepKind
{
    Append,
    AppendNew,
    AppendExactly,
    AppendFailing,
    AppendAgain,
    AcquireClaim,
    ReleaseClaim,
    AppendWithCondition,
    AppendToSeveral,
    Delete,
}

/// <summary>An action of a tenant. The result is a text without positions.</summary>
public sealed record TenantStep(string Tenant, TenantStepKind Kind, string Ship, int Number)
{
    private static readonly string[] Ships = ["ada", "bob", "ada/1"];

    private StreamId Stream => Harbour.StreamOf(Ship);

    internal async Task<string> Do(EventStore store)
    {
        try
        {
            return Kind switch
            {
                TenantStepKind.Delete => await Delete(store),
                _ => $"{(await store.Append(await Request(store))).Version}",
            };
        }
        catch (MillraceException refused)
        {
            return Describe(refused);
        }
    }

    /// <summary>Returns a text of all data in a store.</summary>
    internal static async Task<string> Describe(EventStore store)
    {
        var text = new StringBuilder();
        var all = await store.ReadLog(EventFilter.All).ToListAsync();
        foreach (var recorded in all)
            text.Append(Describe(recorded)).Append('\n');
        text.Append(
                string.Join(
                    ' ', (await store.ReadLogBackwards(EventFilter.All).ToListAsync()).Select(Describe).Reverse()))
            .Append('\n');
        foreach (var filter in new[]
            {
                EventFilter.InStreams("ship-ada"),
                EventFilter.OfTypes("ship.unloaded"),
                EventFilter.WithTags(new Tag("dock", "1")),
            }
        )
            text.Append(
                $"{await store.Count(filter)} "
                    + $"{string.Join(' ', await store.ReadLog(filter).Select(Describe).ToListAsync())}\n"
            );
        foreach (var stream in await store.ListStreams().ToListAsync())
            text.Append(
                $"{stream} {string.Join(' ', await store.ReadStream(stream.Stream).Select(Describe).ToListAsync())}\n");
        for (var number = 0; number <= 5; number++)
        {
            var found = await store.Find(IdOf(number));
            text.Append(
                $"{await store.FindClaim("berth", $"b{number}")} {(found is null ? "none" : Describe(found))}\n");
        }
        foreach (var removal in await store.ListRemovals())
            text.Append(
                $"{removal.Stream} {removal.Kind} {removal.FromVersion}-{removal.ToVersion} {removal.Events}\n");
        var info = await store.GetInfo();
        return text.Append($"{info.Events} {info.Streams} {info.RemovedEvents}").ToString();
    }

    private static string Describe(RecordedEvent recorded) =>
        $"{recorded.Stream}@{recorded.Version} {recorded.Data} [{string.Join(',', recorded.Tags)}]";

    private static Guid IdOf(int number) => new(number + 1, 0, 0, new byte[8]);

    private static string Describe(MillraceException refused) => refused switch
    {
        ConditionFailedException failed => $"condition {failed.Condition.Filter}",
        _ => refused.GetType().Name + refused.Message,
    };

    private async Task<string> Delete(EventStore store)
    {
        await store.Delete(Stream, Number == 0 ? ExpectedVersion.Exactly(1) : ExpectedVersion.Any, "because");
        return "deleted";
    }

    private async Task<AppendRequest> Request(EventStore store)
    {
        var dock = new Tag("dock", $"{Number % 2}");
        var loaded = new NewEvent(new Loaded(Ship, Number)) { Tags = [dock] };
        return Kind switch
        {
            TenantStepKind.AppendNew => new AppendRequest().To(Stream, ExpectedVersion.NoStream, loaded),
            TenantStepKind.AppendExactly => new AppendRequest().To(
                Stream, ExpectedVersion.Exactly(Number + 1), new Unloaded(Ship, 1)),
            TenantStepKind.AppendFailing => new AppendRequest().To(
                Stream, ExpectedVersion.Any, new Loaded(Ship, Number - 5)),
            TenantStepKind.AppendAgain => new AppendRequest().To(
                Stream, ExpectedVersion.Any, new NewEvent(new Loaded(Ship, Number)) { Id = IdOf(Number) }),
            TenantStepKind.AcquireClaim => new AppendRequest().To(Stream, ExpectedVersion.Any, loaded)
                .With(Claim.Acquire("berth", $"b{Number}", Ship)),
            TenantStepKind.ReleaseClaim => new AppendRequest().To(Stream, ExpectedVersion.Any, loaded)
                .With(Claim.Release("berth", $"b{Number}", Ship)),
            TenantStepKind.AppendWithCondition => new AppendRequest().To(Stream, ExpectedVersion.Any, loaded)
                .OnlyIf(new AppendCondition(EventFilter.WithTags(dock), await SeenPosition(store))),
            TenantStepKind.AppendToSeveral => Ships.Aggregate(
                new AppendRequest(),
                (request, ship) => request.To(Harbour.StreamOf(ship), ExpectedVersion.StreamExists, loaded)),
            _ => new AppendRequest().To(Stream, ExpectedVersion.Any, loaded),
        };
    }

    /// <summary>
    /// Returns the position of the tenant's last event or of the event before. In the second case, the condition may
    /// fail.
    /// </summary>
    private async Task<long> SeenPosition(EventStore store)
    {
        var last = await store.ReadLogBackwards(EventFilter.All).Take(2).ToListAsync();
        return last.Count == 0 ? 0 : last[Number % 2 == 0 ? 0 : last.Count - 1].Position;
    }
}
