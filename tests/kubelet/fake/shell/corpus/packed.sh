# needs: gzip gunzip zcat
seq 1000 > f; gzip f; ls; zcat f.gz | tail -n 1; gunzip f.gz; ls; tail -n 1 f; gzip -k f; ls; gzip -c f | gunzip | wc -l | tr -d ' '; gzip -t f.gz; echo $?; seq 3 | gzip | gzip -d
echo plain | gunzip 2>/dev/null; echo $?; gzip -f f; ls; printf x > y; (echo a | gzip; echo b | gzip) | zcat
