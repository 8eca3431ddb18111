using Site;

// Site SOURCE OUTPUT: makes the site of a repository's pages; exit code 1 when a link leads nowhere, 2 when it may not be written there.
if (args is not [var source, var output])
{
    Console.Error.WriteLine("Site SOURCE OUTPUT");
    return 2;
}

var (root, folder) = (Path.GetFullPath(source), Path.GetFullPath(output));
if (SiteFolder.Refusal(root, folder) is { } refusal)
{
    Console.Error.WriteLine(refusal);
    return 2;
}

var dead = new SiteBuild(root, folder).Run();
foreach (var link in dead)
    Console.Error.WriteLine(link);
Console.Error.WriteLine(
    dead.Count == 0 ? $"The site is in {output}: open {Path.Combine(output, "index.html")}" : $"{dead.Count} links lead nowhere.");
return dead.Count == 0 ? 0 : 1;
