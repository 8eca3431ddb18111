namespace Millrace.Consuming;

/// <summary>The shares of the memory and of the processors that are in use, from 0 to 1.</summary>
internal readonly record struct ResourceUse(double Memory, double Processors);
