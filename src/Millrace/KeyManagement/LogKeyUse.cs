namespace Millrace.KeyManagement;

/// <summary>The events of a log with values of a key.</summary>
/// <param name="First">The position of the first event.</param>
/// <param name="Events">The number of values.</param>
/// <param name="Tenant">The tenant of the events; null if they belong to several.</param>
internal readonly record struct LogKeyUse(long First, long Events, string? Tenant);
