namespace Millrace.Model.Tests.Commands;

/// <summary>A command whose handler acts outside the store.</summary>
public sealed record ExternalAction(string What) : ICommand<int>;
