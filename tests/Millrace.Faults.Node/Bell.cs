namespace Millrace.Faults;

/// <summary>Recorded when a bell rings because its timer was due.</summary>
[Event("bell.rung")]
public sealed record BellRung(int Number);

/// <summary>Rings a bell.</summary>
public sealed record RingBell(int Number) : ICommand;

/// <summary>Rings bells. Each ring is an event in the stream of the bell.</summary>
public static class BellHandlers
{
    public static void Handle(RingBell command, CommandContext context) =>
        context.Append(new StreamId($"bell-{command.Number}"), ExpectedVersion.Any, new BellRung(command.Number));
}
