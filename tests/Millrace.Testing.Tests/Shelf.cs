using Millrace;

namespace Bakery;

[Id<string>]
public readonly partial record struct ShelfId;

[Event("loaves.put")]
public sealed record LoavesPut(ShelfId Shelf, int Count);

[Event("loaf.taken")]
public sealed record LoafTaken(ShelfId Shelf);

public sealed record PutLoaves(ShelfId Shelf, byte Count) : ICommand;

public sealed record TakeLoaf(ShelfId Shelf) : ICommand;

/// <summary>The state of a shelf, which is empty or filled.</summary>
public abstract record Shelf
{
    public sealed record Empty : Shelf;

    public sealed record Filled(int Loaves) : Shelf;

    public int Count => this is Filled filled ? filled.Loaves : 0;
}

[Decider("shelf")]
public static partial class Shelves
{
    public const int Room = 300;

    public static Shelf Initial { get; } = new Shelf.Empty();

    public static Shelf Evolve(Shelf shelf, LoavesPut put) => With(shelf.Count + put.Count);

    public static Shelf Evolve(Shelf shelf, LoafTaken taken) => With(shelf.Count - 1);

    public static IEnumerable<object> Decide(PutLoaves command, Shelf shelf)
    {
        if (command.Count == 0)
            return [];
        return shelf.Count + command.Count <= Room
            ? [new LoavesPut(command.Shelf, command.Count)]
            : throw new InvariantViolatedException("Shelf", "shelf-has-room", "The shelf is full.");
    }

    public static LoafTaken? Decide(TakeLoaf command, Shelf shelf) =>
        shelf is Shelf.Filled ? new LoafTaken(command.Shelf) : null;

    private static Shelf With(int count) => count == 0 ? new Shelf.Empty() : new Shelf.Filled(count);
}

/// <summary>Deciders with mistakes that only some sequences of commands show.</summary>
public static class FaultyShelves
{
    private static int _calls;

    /// <summary>Gets a decider that mutates its state.</summary>
    public static Decider<List<int>> Growing { get; } = new("shelf", static () => [], static (loaves, happened) =>
    {
        if (happened is LoavesPut put)
            loaves.Add(put.Count);
        return loaves;
    });

    /// <summary>Gets a decider whose state depends on the number of calls.</summary>
    public static Decider<int> NonDeterministic { get; } = new(
        "shelf", static () => 0, static (state, happened) => happened is LoafTaken ? ++_calls : state);

    /// <summary>Returns a decider whose state is correct only after the first event.</summary>
    public static Decider<Shelf> Forgetful()
    {
        var isFirst = true;
        return new("shelf", static () => Shelves.Initial, (_, _) =>
        {
            var state = isFirst ? new Shelf.Filled(1) : Shelves.Initial;
            isFirst = false;
            return state;
        });
    }

    /// <summary>Gets a decider whose state cannot apply an event that the decider raises.</summary>
    public static Decider<int> Counting { get; } =
        new(
            "shelf",
            static () => 0,
            static (count, happened) =>
                happened switch
                {
                    LoavesPut put => count + put.Count,
                    LoafTaken => count > 0 ? count - 1 : throw new InvalidOperationException("Nothing is there."),
                    _ => count,
                }
        );

    /// <summary>Puts loaves if the shelf is not full. By mistake, the free room may be too small.</summary>
    public static IEnumerable<object> PutCarelessly(PutLoaves command, Shelf shelf) =>
        shelf.Count < Shelves.Room ? [new LoavesPut(command.Shelf, command.Count)] : [];
}
