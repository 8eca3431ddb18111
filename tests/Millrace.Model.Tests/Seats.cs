namespace Millrace.Model.Tests;

public sealed record SeatTaken(int Seat);

public sealed record TakeSeats(string Hall, int Count) : ICommand;

/// <summary>The seats of a hall, modeled as a decider: an immutable state and functions without a base class.</summary>
public sealed record Seats(int Free, int Taken)
{
    public static readonly Decider<Seats> Decider = new("hall", () => new Seats(10, 0), Evolve);

    public static Seats Evolve(Seats state, object @event) =>
        @event is SeatTaken ? new Seats(state.Free - 1, state.Taken + 1) : state;

    public static IEnumerable<object> Decide(TakeSeats command, Seats state)
    {
        if (command.Count > state.Free)
            throw new InvariantViolatedException("Seats", "seats-free", $"Only {state.Free} seats are free.");
        for (var i = 0; i < command.Count; i++)
            yield return new SeatTaken(state.Taken + i + 1);
    }
}
