namespace Millrace.Model.Tests.Commands;

/// <summary>Something that a handler does outside the store.</summary>
public sealed record ExternalAction(string What) : ICommand<int>;
