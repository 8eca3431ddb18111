namespace Commerce.Tests.Chaos;

/// <summary>Something that is killed without warning and started again.</summary>
internal sealed record ChaosVictim(string Name, Func<Task> Kill, Func<Task> Start);
