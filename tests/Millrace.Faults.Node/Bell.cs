namespace Millrace.Faults;

/// <summary>A bell has rung because its timer was due.</summary>
[Event("bell.rung")]
public sealed record BellRung(int Number);

/// <summary>Rings a bell.</summary>
public sealed record RingBell(int Number) : ICommand;

/// <summary>Rings bells: each ring is an event of the bell's stream.</summary>
public static class BellHandlers
{
    public static void Handle(RingBell command, CommandContext context) =>
        context.Append(new StreamId($"bell-{command.Number}"), ExpectedVersion.Any, new BellRung(command.Number));
}
