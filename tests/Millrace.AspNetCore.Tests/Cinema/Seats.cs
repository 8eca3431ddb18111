namespace Millrace.AspNetCore.Tests.Cinema.Halls
{
    /// <summary>A seat in a hall.</summary>
    public sealed record Seat(int Row, int Number);
}

namespace Millrace.AspNetCore.Tests.Cinema.Tickets
{
    /// <summary>A seat on a ticket.</summary>
    public sealed record Seat(string Label);
}
