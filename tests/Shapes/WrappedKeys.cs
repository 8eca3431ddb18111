using Millrace;

namespace Shapes;

[Id<Guid>]
public readonly partial record struct CrateId;

[Value<decimal>]
public readonly partial record struct Weight
{
    private static string? Problem(decimal value) => value < -1_000 ? "it is less than -1,000" : null;
}

[Value<DateTime>]
public readonly partial record struct LocalTime
{
    private static string? Problem(DateTime value) => value == DateTime.MaxValue ? "it is never" : null;
}

[Value<DateTimeOffset>]
public readonly partial record struct Instant
{
    private static string? Problem(DateTimeOffset value) => value == DateTimeOffset.MaxValue ? "it is never" : null;
}

[Value<TimeOnly>]
public readonly partial record struct Slot
{
    private static string? Problem(TimeOnly value) => value == TimeOnly.MaxValue ? "it is too late" : null;
}

[Value<string>]
public readonly partial record struct Label
{
    private static string? Problem(string value) => value.Length > 100 ? "it is longer than 100 characters" : null;
}
