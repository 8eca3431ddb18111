using Site;

// Site SOURCE OUTPUT: makes the site of a repository's pages; exit code 1 when a link leads nowhere or a diagram cannot
// be drawn, and 2 when it may not be written there.
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

var build = new SiteBuild(root, folder);
var dead = build.Run();
foreach (var problem in dead.Concat(build.UnrenderedDiagrams))
    Console.Error.WriteLine(problem);
if (dead.Count > 0)
    Console.Error.WriteLine($"{dead.Count} links lead nowhere.");
if (build.UnrenderedDiagrams.Count > 0)
    Console.Error.WriteLine($"{build.UnrenderedDiagrams.Count} diagrams cannot be drawn.");
var isWhole = dead.Count + build.UnrenderedDiagrams.Count == 0;
if (isWhole)
    Console.Error.WriteLine($"The site is in {output}: open {Path.Combine(output, "index.html")}");
return isWhole ? 0 : 1;
