namespace Millrace.Model.Tests.Commands;

/// <summary>Something that a handler does outside the store.</summary>
public sealed record Errand(string What) : ICommand<int>;
