namespace Millrace.Business.Detection;

/// <summary>The hours of a member of a dimension.</summary>
internal sealed record MemberSeries(string Member, HourSeries Hours);
